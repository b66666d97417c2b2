/* Runs before the first paint: a reader who chose light or dark sees no other page for a moment. */
(() => {
  const dark = [];
  for (const sheet of document.styleSheets) {
    for (const rule of sheet.cssRules) {
      if (rule.media?.mediaText.includes('prefers-color-scheme')) dark.push([rule.media, rule.media.mediaText]);
    }
  }
  window.shockbookTheme = (theme) => {
    for (const [media, text] of dark) {
      media.mediaText = theme ? text.replace(/\(prefers-color-scheme:\s*dark\)/, theme === 'dark' ? '(min-width: 0)' : '(max-width: 0)') : text;
    }
    document.documentElement.style.colorScheme = theme || '';
  };
  /* Charts in steps keep the room of their stage; if it never comes, their small pictures do. */
  const { classList } = document.documentElement;
  classList.add('scripted');
  addEventListener('load', () => { if (!window.shockbookTools) classList.remove('scripted'); });
  try { window.shockbookTheme(new URLSearchParams(location.search).get('theme') || localStorage.getItem('shockbook-theme') || ''); } catch { /* a private window */ }
})();
