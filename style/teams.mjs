// The page within Teams tells Teams that it is there, and follows its theme: Teams shows a page only once `app.initialize` was called,
// which is Microsoft's library's (MIT). Bundled by xtask/pack.mjs into /vendor/teams.js; nothing else is taken of the library.
//
// The page needs none of this: outside of Teams nobody answers, and it stays as it was drawn.

import { app } from "@microsoft/teams-js";

const THEMES = { default: "light", dark: "dark", contrast: "dark" };

function follow(theme) {
  const known = THEMES[theme];
  if (known) document.documentElement.className = known;
}

async function start() {
  await app.initialize();
  app.registerOnThemeChangeHandler(follow);
  follow((await app.getContext()).app.theme);
  app.notifyAppLoaded();
  app.notifySuccess();
}

if (window.parent !== window) start().catch(() => {});
