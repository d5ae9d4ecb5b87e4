import t from 'tap'
import type { HashForm } from '../../../lib/server/http/htpasswd.ts'
import { passwordMatches } from '../../../lib/server/http/password-check.ts'

/** Made with `openssl passwd -apr1`, `openssl sha1` and crypt(3), of UTF-8. */
const known: ReadonlyArray<readonly [HashForm, string, string]> = [
  ['apr1', 'secret', '$apr1$Salt0$hPxtSJAry5WazprtBo81d.'],
  ['apr1', 'a:b:c', '$apr1$Salt1$oOr0kGX.lvqkta3KTZIn/1'],
  ['apr1', 'grüße', '$apr1$Salt2$z4Ypjjr25LH1jvMSQNeCP0'],
  ['apr1', 'пароль', '$apr1$Salt3$4mYBy.7uturoCLQtMxc38.'],
  ['apr1', '🔑 key', '$apr1$Salt4$aRJzo9V04K1Fmb4ihqiNU/'],
  ['sha1', 'secret', '{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ='],
  ['sha1', 'a:b:c', '{SHA}cLzgnoJ6mP5qz3w+mwvPE2vDgu0='],
  ['sha1', 'grüße', '{SHA}zVbLCsRWkHMa/td/9mZV39+Fdto='],
  ['sha1', 'пароль', '{SHA}VnC0NYrih/6OdML/b2KT+QVAkHc='],
  ['sha1', '🔑 key', '{SHA}C3kRDJFbhgHeZQTsvVu/mISYnrw='],
  ['sha1', 'x'.repeat(300), '{SHA}Av1oJTBx+JVxjI1B9/9mWr4aYpA='],
  ['bcrypt', 'secret', '$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW'],
  ['bcrypt', 'secret', '$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW'],
  ['bcrypt', 'secret', '$2a$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW'],
  ['bcrypt', 'a:b:c', '$2b$04$abcdefghijklmnopqrstuuvWTYyu1fxJ6/TJiND1lHR48TJYvV44K'],
  ['bcrypt', 'grüße', '$2b$04$abcdefghijklmnopqrstuuukcFUuF1uD2.SsVXl2Kxf7oTFxL3IEq'],
  ['bcrypt', '🔑 key', '$2b$04$abcdefghijklmnopqrstuuZd4npfX/nJMnvmbgJxwa4YiZz7eVzKG']
]

for (const [form, password, text] of known) {
  t.test(`${form} of ${password.slice(0, 10)}, as other programs compute it`, async (t) => {
    t.ok(passwordMatches(password, { form, text }))
    for (const wrong of ['', `${password} `, `${password}\n`, password.slice(0, -1), password.toUpperCase() + '1', 'grüsse', 'gr\u00FC\u00DFe!']) {
      t.notOk(passwordMatches(wrong, { form, text }), `not of ${JSON.stringify(wrong.slice(0, 12))}`)
    }
  })
}

t.test('characters with the same low byte are not the same password', async (t) => {
  const [, , text] = known.find(([form, password]) => form === 'apr1' && password === 'secret') as (typeof known)[number]
  const lookalike = [...'secret'].map((letter) => String.fromCharCode(letter.charCodeAt(0) + 0x100)).join('')
  t.notOk(passwordMatches(lookalike, { form: 'apr1', text }))
})

t.test('a hash with another salt or a shorter digest does not match', async (t) => {
  t.notOk(passwordMatches('secret', { form: 'apr1', text: '$apr1$Salt9$hPxtSJAry5WazprtBo81d.' }))
  t.notOk(passwordMatches('secret', { form: 'sha1', text: '{SHA}5en6G6MezRroT3XKqkdPOmY' }))
})
