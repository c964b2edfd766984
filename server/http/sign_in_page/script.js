// The page of those who are not signed in: posts a launch code, keeps the key of a session, and says what a proxy lacks.
(() => {
  const { host, http, key, store } = document.documentElement.dataset
  const place = store + new URL('.', location.href).pathname // pages of other folders have the same storage
  const byId = (id) => document.getElementById(id)

  function kept() {
    try {
      return localStorage.getItem(place) ?? ''
    } catch {
      return ''
    }
  }

  function enter(code) {
    const form = byId('launch')
    form.elements.code.value = code
    form.submit()
  }

  /** The code behind the # of the address, which is taken out of it. */
  function launchCode() {
    const code = new URLSearchParams(location.hash.slice(1)).get('launch')
    if (code) history.replaceState(null, '', location.pathname + location.search)
    return code
  }

  /** Whether this browser is signed in all the same: a link on another site brings no cookie along. */
  async function isSignedIn() {
    if (!kept()) return false
    try {
      const answer = await fetch('api/v1/system', { headers: { 'X-Jacquard-Key': kept() } })
      return answer.ok
    } catch {
      return false
    }
  }

  /** Whether the server was asked by another name than the one that the browser shows. */
  function isStrange() {
    try {
      return new URL(`${location.protocol}//${host}`).host !== location.host
    } catch {
      return true
    }
  }

  /** What a proxy does not hand on, and by which address one comes here through it. */
  function tellProxy() {
    const lines = []
    const strange = isStrange()
    if (strange) lines.push('proxy_set_header Host $http_host;')
    if (strange || http === '1.0')
      lines.push(
        'proxy_http_version 1.1;',
        'proxy_set_header Upgrade $http_upgrade;',
        'proxy_set_header Connection "upgrade";',
      )
    byId('proxy').hidden = lines.length === 0
    byId('proxy-lines').textContent = lines.join('\n')
    byId('proxy-allow').hidden = !strange
    if (!['127.0.0.1', 'localhost', '[::1]'].includes(location.hostname))
      byId('at').textContent = ` --at ${new URL('.', location.href).href}`
    byId('proxy-flag').textContent = `--allow-host ${location.host}`
  }

  async function begin() {
    if (byId('enter').hidden) return
    const code = launchCode()
    if (await isSignedIn()) location.replace('./')
    else if (code) enter(code)
  }

  if (key) {
    try {
      localStorage.setItem(place, key)
      location.replace('./')
    } catch {
      byId('no-storage').hidden = false
    }
    return
  }
  tellProxy()
  addEventListener('hashchange', begin)
  begin()
})()
