/**
 * What a journey imports. Every test gets its own hub and receiver, made when it names them, and
 * fails if a page wrote an error or a warning to the console: hydration that does not fit shows there.
 */

import { AxeBuilder } from "@axe-core/playwright";
import { test as base, expect, type BrowserContext, type BrowserContextOptions, type Locator, type Page } from "@playwright/test";
import { mkdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { Hub, type Options } from "./hub.ts";
import { Receiver } from "./receiver.ts";

export { expect } from "@playwright/test";
export { isSigned } from "./receiver.ts";

type Fixtures = {
  /** How the hub is started: `test.use({ hubOptions: { bootstrap: false } })`. */
  hubOptions: Options;
  hub: Hub;
  receiver: Receiver;
  /** A page with the owner of the bootstrapped organization signed in. */
  signedIn: Page;
  /** A page of another browser, for another person; it is watched and closed like the first. */
  anotherBrowser: (options?: BrowserContextOptions) => Promise<Page>;
  /** What the consoles of all browsers have said, and what of it was meant to be said. */
  consoles: Consoles;
  /** Console messages that this test provokes on purpose. */
  allowConsole: (pattern: RegExp) => void;
};

type Consoles = { watch: (context: BrowserContext) => void; allowed: RegExp[] };

export const test = base.extend<Fixtures>({
  hubOptions: [{}, { option: true }],

  hub: async ({ hubOptions }, use, info) => {
    const hub = await Hub.start(hubOptions);
    await use(hub);
    if (info.status !== info.expectedStatus) await info.attach("patchbay.log", { body: hub.log });
    await hub.remove();
  },

  receiver: async ({}, use) => {
    const receiver = await Receiver.start();
    await use(receiver);
    await receiver.stop();
  },

  baseURL: async ({ hub }, use) => use(hub.url),

  signedIn: async ({ page, hub }, use) => {
    await signIn(page, hub.email, hub.password);
    await use(page);
  },

  anotherBrowser: async ({ browser, hub, consoles }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (options = {}) => {
      const context = await browser.newContext({ baseURL: hub.url, ...options });
      contexts.push(context);
      consoles.watch(context);
      return context.newPage();
    });
    for (const context of contexts) await context.close();
  },

  consoles: async ({}, use) => {
    const allowed: RegExp[] = [];
    const said: string[] = [];
    const watch = (context: BrowserContext) => {
      context.on("console", (message) => {
        if (["error", "warning"].includes(message.type())) said.push(`${message.type()}: ${message.text()} (${message.location().url})`);
      });
      context.on("weberror", (error) => said.push(`uncaught: ${error.error().message}`));
    };
    await use({ watch, allowed });
    const unexpected = said.filter((line) => !allowed.some((pattern) => pattern.test(line)));
    expect(unexpected, "errors and warnings in the browser's console").toEqual([]);
  },

  allowConsole: [
    async ({ context, consoles }, use) => {
      consoles.watch(context);
      await use((pattern) => consoles.allowed.push(pattern));
    },
    { auto: true },
  ],
});

/** Signs in through the form, as a person does. */
export async function signIn(page: Page, email: string, password: string): Promise<void> {
  await page.goto("/sign-in");
  await page.getByLabel(/e-?mail/i).fill(email);
  await page.getByLabel(/^password/i).fill(password);
  await page.getByRole("button", { name: /sign in/i }).click();
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
}

/** Waits until the wasm has taken over the page, for what only works from then on. */
export async function hydrated(page: Page): Promise<void> {
  await page.locator("body[data-hydrated]").waitFor({ state: "attached" });
  // What waited for the page's data follows within the same turn.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
}

/** Fails on any finding that axe calls serious or critical. */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const grave = violations.filter((violation) => ["serious", "critical"].includes(violation.impact ?? ""));
  const findings = grave.map((violation) => ({
    rule: violation.id,
    help: violation.help,
    places: violation.nodes.map((node) => node.target.join(" ")),
  }));
  expect(findings, "serious accessibility findings").toEqual([]);
}

/** Fails if the page is wider than the window. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const excess = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(excess, "pixels that stick out sideways").toBeLessThanOrEqual(0);
}

/** Takes a picture beside the test's results. */
export async function picture(page: Page, name: string): Promise<void> {
  await save(page, "test-results/pictures", name);
}

/** Takes a picture for the README: into docs/images when PATCHBAY_SCREENSHOTS is set, else beside the others. */
export async function readmePicture(page: Page, name: string): Promise<void> {
  await save(page, process.env.PATCHBAY_SCREENSHOTS ? "../docs/images" : "test-results/pictures", name);
}

async function save(page: Page, folder: string, name: string): Promise<void> {
  const path = resolve(import.meta.dirname, "..", folder, `${name}.png`);
  await mkdir(dirname(path), { recursive: true });
  await page.screenshot({ path, animations: "disabled" });
}

/** The row of a table that holds this text. */
export function row(page: Page, text: string | RegExp): Locator {
  return page.getByRole("row").filter({ hasText: text });
}

/** Opens the delivery log and waits until it was counted once more, as when its stream opens: that draws anew what is above the rows. */
export async function openCountedLog(page: Page): Promise<void> {
  const counted = page.waitForResponse((response) => response.url().includes("count_log") && response.ok());
  await page.goto("/deliveries");
  await (await counted).finished();
  await hydrated(page);
}

/** Opens the delivery log and waits until it follows what happens. */
export async function openLiveLog(page: Page, path = "/deliveries"): Promise<void> {
  await page.goto(path);
  await expect(page.getByRole("switch", { name: /Live updates: Live/ })).toBeVisible();
}
