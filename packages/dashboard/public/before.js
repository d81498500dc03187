// Runs before the first paint and before any module, as a file of its own: the content security policy forbids inline scripts.
const kept = localStorage.getItem('agentgate.theme')
if (kept === 'dark' || kept === 'light') document.documentElement.dataset.theme = kept
// The policy forbids `eval` too: without this, zod tries it once, is stopped, and a violation is reported.
globalThis.__zod_globalConfig = { jitless: true }
