/** Gives the page a language where the browser's is none: under a C locale WebKit says 'C', which Intl refuses. */
try {
  Intl.getCanonicalLocales(navigator.language)
} catch {
  // uPlot formats with it as soon as it is loaded.
  Object.defineProperty(navigator, 'language', { value: 'en-GB' })
}
