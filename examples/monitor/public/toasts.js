/** Notifications as toasts: announced to screen readers, gone by themselves, kept while the pointer rests on them. */

const shownFor = 8000
const most = 4

export function toast (title, text, kind) {
  const list = document.getElementById('toasts')
  const element = document.createElement('div')
  element.className = `toast ${kind}`
  const strong = document.createElement('strong')
  strong.textContent = title
  const detail = document.createElement('span')
  detail.textContent = text
  const button = document.createElement('button')
  button.type = 'button'
  button.setAttribute('aria-label', 'Dismiss')
  button.textContent = '×'
  element.append(strong, detail, button)

  let timer
  const leave = () => { timer = setTimeout(() => element.remove(), shownFor) }
  element.addEventListener('pointerenter', () => clearTimeout(timer))
  element.addEventListener('pointerleave', leave)
  button.addEventListener('click', () => element.remove())
  leave()

  list.append(element)
  while (list.children.length > most) list.firstElementChild.remove()
}
