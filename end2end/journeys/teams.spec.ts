import { connectTeams, entraTest } from "../support/entra.ts";
import { teamsTest as test } from "../support/teams.ts";
import { expect, expectAccessible, expectNoSidewaysScroll, hydrated, picture, test as plain } from "../support/test.ts";

test("a workflow is connected by its address, a rule posts cards, and a wrong address is explained", async ({ teams, signedIn: page, hub, allowConsole }) => {
  allowConsole(/status of 422/);
  await page.goto("/integrations");
  await page.getByRole("link", { name: "Connect Microsoft Teams" }).click();
  await hydrated(page);
  await expectAccessible(page);
  await page.getByLabel("Name").fill("Finance: Alerts");
  await page.getByLabel("Workflow address").fill("https://acme.webhook.office.com/webhookb2/1?sig=2");
  await page.getByRole("button", { name: "Connect workflow" }).click();
  await expect(page.getByRole("alert")).toContainText("which Microsoft has switched off");
  await page.getByLabel("Workflow address").fill(teams.workflow);
  await page.getByRole("button", { name: "Connect workflow" }).click();
  await expect(page.getByText("It is connected.")).toBeVisible();
  await expect(page.getByRole("heading", { name: "Finance: Alerts", level: 1 })).toBeVisible();
  expect(await page.content()).not.toContain("sig=");

  await page.getByRole("link", { name: "Add rule" }).click();
  await hydrated(page);
  await expect(page.getByText("Posts into Finance: Alerts, by its workflow.")).toBeVisible();
  await expect(page.getByLabel("Mention")).toHaveCount(0);
  await page.getByLabel("Events").fill("invoice.*");
  await expectAccessible(page);
  await page.getByRole("button", { name: "Save rule" }).click();
  await expect(page.getByText("The rule is saved.")).toBeVisible();
  await page.getByRole("button", { name: "Send test to Finance: Alerts" }).click();
  await expect(page.getByText("The test message has arrived in the channel.")).toBeVisible();
  await hub.postEvent("invoice.paid", { invoice_id: "inv_8812", amount_paid: 12900, currency: "EUR" });
  await expect.poll(async () => (await teams.told()).includes("inv_8812")).toBe(true);

  for (const theme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    for (const width of [360, 1440]) {
      await page.setViewportSize({ width, height: width === 360 ? 740 : 900 });
      await expectNoSidewaysScroll(page);
      await expectAccessible(page);
      await picture(page, `connections-teams-${theme}-${width}`);
    }
  }
  await page.getByText("Disconnect…").click();
  await page.getByRole("button", { name: "Disconnect", exact: true }).click();
  await expect(page.getByText(/^Disconnected\./)).toBeVisible();
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("a workflow is connected, and a rule is made", async ({ teams, signedIn: page, allowConsole }) => {
    allowConsole(/was preloaded using link preload but not used/);
    await page.goto("/integrations/teams");
    await page.getByLabel("Name").fill("Ops");
    await page.getByLabel("Workflow address").fill(teams.workflow);
    await page.getByRole("button", { name: "Connect workflow" }).click();
    await expect(page.getByText("It is connected.")).toBeVisible();
    await page.getByRole("link", { name: "Add rule" }).click();
    await page.getByLabel("Events").fill("user.*");
    await page.getByRole("button", { name: "Save rule" }).click();
    await expect(page.getByText("The rule is saved.")).toBeVisible();
    await page.getByRole("button", { name: "Send test to Ops" }).click();
    await expect(page.getByText("The test message has arrived in the channel.")).toBeVisible();
  });
});

entraTest("Teams is connected by signing in, a channel is picked by keyboard, and cards are posted", async ({ entra, signedIn: page, hub }) => {
  await page.goto("/integrations/teams");
  await hydrated(page);
  await expect(page.getByRole("heading", { name: "Connect an account" })).toBeVisible();
  await expectAccessible(page);
  await connectTeams(page);
  await expect(page.getByRole("heading", { name: /^Megan Bowen/, level: 1 })).toBeVisible();
  await expect(page.getByText(/^18 channels, updated/)).toBeVisible({ timeout: 20_000 });
  await expect(page.getByText("Post messages into these channels, in the name of that person.")).toBeVisible();

  await page.getByRole("link", { name: "Add rule" }).click();
  await hydrated(page);
  await page.getByLabel("Mention").fill("channel");
  const picker = page.getByRole("combobox", { name: "Channel" });
  await picker.fill("engineering al");
  await expect(page.getByRole("option", { name: /Engineering: Alerts/ })).toBeVisible();
  await picker.press("Enter");
  await expect(picker).toHaveValue("Engineering: Alerts");
  await page.getByLabel("Events").fill("invoice.*");
  await expectAccessible(page);
  await page.getByRole("button", { name: "Save rule" }).click();
  await expect(page.getByText("The rule is saved.")).toBeVisible();
  await page.getByRole("button", { name: "Send test to Engineering: Alerts" }).click();
  await expect(page.getByText("The test message has arrived in the channel.")).toBeVisible();
  await hub.postEvent("invoice.paid", { invoice_id: "inv_8812", amount_paid: 12900, currency: "EUR" });
  await expect.poll(async () => (await entra.told()).includes("inv_8812")).toBe(true);

  for (const theme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    for (const width of [360, 1440]) {
      await page.setViewportSize({ width, height: width === 360 ? 740 : 900 });
      await expectNoSidewaysScroll(page);
      await expectAccessible(page);
      await picture(page, `connections-teams-consent-${theme}-${width}`);
    }
  }
  await page.getByRole("button", { name: "Check now" }).click();
  await expect(page.getByText("It works.")).toBeVisible();
  await page.getByText("Disconnect…").click();
  await page.getByRole("button", { name: "Disconnect", exact: true }).click();
  await expect(page.getByText(/^Disconnected\./)).toBeVisible();
});

entraTest("who says no at Microsoft is told so, and an administrator allows it for everybody", async ({ entra: _, signedIn: page }) => {
  await page.goto("/integrations/teams");
  await page.getByRole("button", { name: "Connect Microsoft Teams" }).click();
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByRole("alert")).toContainText("Microsoft Teams was not connected.");
  await page.goto("/oauth/teams/callback?code=1&state=made-up");
  await expect(page.getByRole("alert")).toContainText("another browser");
  await page.getByText("Does Microsoft say that it needs an administrator's approval?").click();
  await page.getByRole("button", { name: "I am an administrator: allow Patchbay" }).click();
  await page.getByRole("button", { name: "Accept" }).click();
  await expect(page.getByText(/^Patchbay is allowed for everybody/)).toBeVisible();
});

entraTest("an administrator without an account here follows the link", async ({ entra: _, signedIn: page, anotherBrowser }) => {
  await page.goto("/integrations/teams");
  await page.getByText("Does Microsoft say that it needs an administrator's approval?").click();
  const link = await page.locator("pre", { hasText: "adminconsent" }).textContent();
  const other = await anotherBrowser();
  await other.goto(link!);
  await other.getByRole("button", { name: "Accept" }).click();
  await expect(other.getByRole("heading", { name: "Patchbay is allowed" })).toBeVisible();
  await expectAccessible(other);
});

plain("the tab looks as it should, also without what is around it", async ({ page, hub }) => {
  await page.goto(`${hub.url}/teams/alerts`);
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  for (const theme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: theme });
    for (const width of [360, 1440]) {
      await page.setViewportSize({ width, height: width === 360 ? 740 : 900 });
      await expectNoSidewaysScroll(page);
      await expectAccessible(page);
      await picture(page, `teams-tab-${theme}-${width}`);
    }
  }
});

plain("Teams frames the tab, where people sign in, and nobody else does", async ({ page, hub, receiver, allowConsole }) => {
  allowConsole(/status of 401|frame-ancestors|ERR_BLOCKED_BY_RESPONSE/);
  await hub.addEndpoint(receiver.url, { name: "Billing" });
  receiver.answers(410);
  await hub.postEvent("invoice.paid", { id: "inv_gone" });
  await expect.poll(async () => (await hub.api("GET", "/alerts")).body.data.length).toBeGreaterThan(0);
  // A page of Microsoft's, which is on no other machine than this one.
  await page.context().grantPermissions(["local-network-access"]);
  const around = (url: string) =>
    page.route(`${url}/**`, (route) =>
      route.fulfill({ contentType: "text/html", body: `<!doctype html><html lang="en"><title>Around</title><iframe title="Patchbay" src="${hub.url}/teams/alerts"></iframe></html>` }),
    );
  await around("https://teams.microsoft.com");
  await page.goto("https://teams.microsoft.com/v2/");
  const tab = page.frameLocator("iframe");
  await tab.getByLabel("E-mail").fill(hub.email);
  await tab.getByLabel("Password").fill("wrong");
  await tab.getByRole("button", { name: "Sign in" }).click();
  await expect(tab.getByRole("alert")).toBeVisible();
  await expect(tab.getByLabel("E-mail")).toHaveValue(hub.email);
  await tab.getByLabel("Password").fill(hub.password);
  await tab.getByRole("button", { name: "Sign in" }).click();
  await expect(tab.getByRole("heading", { name: `Alerts of ${hub.org}` })).toBeVisible();
  await expect(tab.getByRole("link", { name: "Open the endpoint" })).toHaveAttribute("target", "_blank");
  await tab.getByRole("link", { name: "Refresh" }).click();
  await expect(tab.getByText(/Billing/)).toBeVisible();
  // What was set within Teams is not there by itself.
  await page.goto(`${hub.url}/teams/alerts`);
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await page.goto("https://teams.microsoft.com/v2/");
  await tab.getByRole("button", { name: "Sign out" }).click();
  await expect(tab.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await around("https://elsewhere.example");
  await page.goto("https://elsewhere.example/");
  await page.waitForTimeout(500);
  await expect(tab.getByLabel("Password")).toHaveCount(0);
});

plain("the tab tells Teams that it is there, and follows its theme", async ({ page, hub, allowConsole }) => {
  allowConsole(/frame-ancestors/);
  await page.context().grantPermissions(["local-network-access"]);
  // What Teams does around a tab, as Microsoft's library speaks with it: it answers to who asks, and says which theme it has.
  const teams = `<!doctype html><html lang="en"><title>Teams</title>
    <iframe title="Patchbay" src="${hub.url}/teams/alerts"></iframe>
    <script>
      window.heard = [];
      const answers = {
        initialize: ["content", "web", JSON.stringify({ apiVersion: 4, supports: {} }), "2.50.0"],
        getContext: [{ theme: "dark", locale: "en-us", entityId: "alerts", hostClientType: "web" }],
      };
      addEventListener("message", ({ data, source, origin }) => {
        if (!data || !data.func) return;
        heard.push(data.func);
        if (answers[data.func]) source.postMessage({ id: data.id, uuidAsString: data.uuidAsString, args: answers[data.func] }, origin);
      });
    </script></html>`;
  await page.route("https://teams.microsoft.com/**", (route) => route.fulfill({ contentType: "text/html", body: teams }));
  await page.goto("https://teams.microsoft.com/v2/");
  const tab = page.frameLocator("iframe");
  await expect(tab.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await expect(tab.locator("html")).toHaveClass("dark");
  const heard = () => page.evaluate(() => (window as unknown as { heard: string[] }).heard);
  await expect.poll(heard).toEqual(expect.arrayContaining(["initialize", "appInitialization.appLoaded", "appInitialization.success"]));
  const change = (theme: string) =>
    page.evaluate((args) => document.querySelector("iframe")!.contentWindow!.postMessage({ func: "themeChange", args }, "*"), [theme]);
  await change("default");
  await expect(tab.locator("html")).toHaveClass("light");
  await change("contrast");
  await expect(tab.locator("html")).toHaveClass("dark");
});

entraTest.describe("without JavaScript", () => {
  entraTest.use({ javaScriptEnabled: false });

  entraTest("Teams is connected, a channel is found and a rule is made", async ({ entra: _, signedIn: page, allowConsole }) => {
    allowConsole(/was preloaded using link preload but not used/);
    await connectTeams(page);
    await expect
      .poll(async () => {
        await page.reload();
        return page.getByText(/^18 channels, updated/).count();
      }, { timeout: 20_000 })
      .toBe(1);
    await page.getByRole("link", { name: "Add rule" }).click();
    await page.getByPlaceholder("Find a channel").fill("sales general");
    await page.getByRole("button", { name: "Find" }).click();
    await page.getByRole("radio", { name: /Sales & Marketing: General/ }).check();
    await page.getByLabel("Events").fill("user.*");
    await page.getByRole("button", { name: "Save rule" }).click();
    await expect(page.getByText("The rule is saved.")).toBeVisible();
    await page.getByRole("button", { name: "Send test to Sales & Marketing: General" }).click();
    await expect(page.getByText("The test message has arrived in the channel.")).toBeVisible();
  });
});
