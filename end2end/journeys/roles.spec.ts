import type { Page } from "@playwright/test";
import { expect, expectAccessible, hydrated, picture, row, signIn, test } from "../support/test.ts";

const PASSWORD = "a long enough password";

/** Makes an invitation on the members page and returns its link. */
async function invite(owner: Page, email: string, role: string): Promise<string> {
  await owner.goto("/settings/members");
  await owner.getByRole("textbox", { name: "E-mail" }).fill(email);
  await owner.getByRole("combobox", { name: "Role", exact: true }).selectOption(role);
  await owner.getByRole("button", { name: "Make link" }).click();
  const link = owner.getByRole("textbox", { name: "Invitation link" });
  await expect(link).toHaveValue(/\/invitations\//);
  return link.inputValue();
}

async function join(page: Page, link: string, name: string): Promise<void> {
  await page.goto(link);
  await page.getByLabel("Your name").fill(name);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Join" }).click();
  await expect(page.getByRole("heading", { name: "Home", level: 1 })).toBeVisible();
}

test("a member sees and changes nothing, an admin changes, who is removed sees nothing", async ({ signedIn: owner, hub, receiver, anotherBrowser, allowConsole }) => {
  allowConsole(/status of 40[134]/);
  const endpoint = await hub.addEndpoint(receiver.url, { name: "Billing" });
  await hub.postEvent("invoice.paid", { id: "inv_1" });
  const member = await anotherBrowser();
  await join(member, await invite(owner, "grace@example.com", "member"), "Grace");

  await test.step("a member reads", async () => {
    await member.goto("/deliveries");
    await expect(row(member, "invoice.paid")).toContainText("Delivered");
    await expect(member.getByRole("button", { name: /replay/i })).toHaveCount(0);
    await member.goto(`/endpoints/${endpoint.id}`);
    await expect(member.getByRole("heading", { name: "Billing", level: 1 })).toBeVisible();
    for (const name of ["Pause", "Send test"]) await expect(member.getByRole("button", { name })).toHaveCount(0);
    for (const name of ["Edit", "Add endpoint"]) await expect(member.getByRole("link", { name })).toHaveCount(0);
    await member.goto("/endpoints/new");
    await expect(member.getByRole("heading", { name: "This is not open to you" })).toBeVisible();
    await member.goto("/settings/members");
    await expect(row(member, "Grace")).toContainText("member");
    await expect(member.getByRole("button", { name: "Make link" })).toHaveCount(0);
  });

  await test.step("a form that is posted all the same is refused", async () => {
    await owner.goto(`/endpoints/${endpoint.id}`);
    const action = await owner.locator("form").filter({ has: owner.getByRole("button", { name: "Pause" }) }).getAttribute("action");
    const post = (page: Page) => page.request.post(action!, { form: { id: endpoint.id, status: "paused" }, headers: { origin: hub.url } });
    expect((await post(member)).status()).toBe(403);
    expect((await hub.api("GET", `/endpoints/${endpoint.id}`)).body.status).toBe("active");
    expect((await post(owner)).ok(), "the same form by somebody who may").toBe(true);
    expect((await hub.api("GET", `/endpoints/${endpoint.id}`)).body.status).toBe("paused");
  });

  await test.step("an admin may", async () => {
    await owner.goto("/settings/members");
    await hydrated(owner);
    await owner.getByRole("combobox", { name: "Role of Grace" }).selectOption("admin");
    await expect.poll(async () => (await hub.api("GET", "/members")).body.data.map((member: { role: string }) => member.role)).toContain("admin");
    await member.goto(`/endpoints/${endpoint.id}`);
    await member.getByRole("button", { name: "Resume" }).click();
    await expect(member.getByRole("button", { name: "Pause" })).toBeVisible();
  });

  await test.step("who is removed loses access at once", async () => {
    await row(owner, "Grace").getByText("Remove…").click();
    await owner.getByRole("group", { name: "Remove Grace?" }).getByRole("button", { name: "Remove" }).click();
    await expect(row(owner, "Grace")).toHaveCount(0);
    const answer = await member.goto(`/endpoints/${endpoint.id}`);
    await expect(member.getByText("Billing")).toHaveCount(0);
    expect(answer!.status()).toBeGreaterThanOrEqual(400);
    await member.goto("/deliveries");
    await expect(member.getByRole("heading", { name: "This is not open to you" })).toBeVisible();
    await expect(row(member, "invoice.paid")).toHaveCount(0);
  });
});

test("support reads any organization's log, changes nothing, and each look is on record", async ({ signedIn: owner, hub, receiver, anotherBrowser, allowConsole }) => {
  allowConsole(/status of 403/);
  await hub.addEndpoint(receiver.url, { name: "Billing", event_types: ["invoice.*"] });
  await hub.postEvent("invoice.paid", { id: "inv_1" });
  const source = (await hub.api("POST", "/sources", { provider: "bearer", name: "Shop" })).body;
  const headers = { "content-type": "application/json", authorization: `Bearer ${source.secret}` };
  expect((await fetch(source.url, { method: "POST", headers, body: '{"type":"order.placed"}' })).status).toBe(200);
  const support = await anotherBrowser();
  const link = await invite(owner, "sam@example.com", "member");
  await join(support, link, "Sam Support");
  await owner.goto("/settings/members");
  await row(owner, "Sam Support").getByText("Remove…").click();
  await owner.getByRole("group", { name: "Remove Sam Support?" }).getByRole("button", { name: "Remove" }).click();
  await expect(row(owner, "Sam Support")).toHaveCount(0);
  await hub.run(["admin", "operator-role", "--email", "sam@example.com", "--role", "support"]);

  await support.goto("/operator/orgs");
  await support.getByRole("button", { name: "Open Lovelace Ltd" }).click();
  await support.waitForURL((url) => !url.pathname.startsWith("/operator"));
  await support.goto("/deliveries");
  await expect(support.getByRole("note")).toContainText("You are looking at Lovelace Ltd as support. Each look is recorded.");
  await expect(row(support, "invoice.paid")).toContainText("Delivered");
  for (const [theme, width] of [["light", 1440], ["dark", 360]] as const) {
    await support.emulateMedia({ colorScheme: theme });
    await support.setViewportSize({ width, height: 800 });
    await expectAccessible(support);
    await picture(support, `support-deliveries-${theme}-${width}`);
  }
  await support.setViewportSize({ width: 1280, height: 800 });
  await expect(support.getByRole("button", { name: /replay/i })).toHaveCount(0);
  await support.getByRole("link", { name: /^invoice\.paid to Billing/ }).click();
  await expect(support.getByText("inv_1")).toBeVisible();
  await expect(support.getByRole("button", { name: "Replay" })).toHaveCount(0);
  const delivery = support.url().split("/").pop()!;

  await owner.goto(`/deliveries/${delivery}`);
  const action = await owner.locator("form").filter({ has: owner.getByRole("button", { name: "Replay" }) }).getAttribute("action");
  const refused = await support.request.post(action!, { form: { id: delivery }, headers: { origin: hub.url } });
  expect(refused.status()).toBe(403);
  expect(receiver.requests).toHaveLength(1);

  // What came in is the other half of the log.
  await support.goto("/deliveries/inbound");
  await support.getByRole("link", { name: /from Shop$/ }).click();
  await expect(support.getByText("The signature or credentials hold.")).toBeVisible();
  await expect(support.getByRole("button", { name: "Replay" })).toHaveCount(0);
  await expectAccessible(support);
  const request = support.url().split("/").pop()!;

  await owner.goto("/settings/audit");
  await expect(row(owner, "sam@example.com").filter({ hasText: "inbound_request.viewed" }).filter({ hasText: request })).not.toHaveCount(0);
  await expect(row(owner, "sam@example.com").filter({ hasText: "delivery.viewed" }).filter({ hasText: delivery })).not.toHaveCount(0);
});

test("nothing of one organization is visible in another", async ({ signedIn: page, hub, receiver, anotherBrowser, allowConsole }) => {
  allowConsole(/status of 404/);
  const endpoint = await hub.addEndpoint(receiver.url, { name: "Secret plans" });
  await hub.postEvent("invoice.paid", { id: "inv_lovelace" });
  await expect.poll(async () => (await hub.api("GET", "/deliveries?status=delivered")).body.data.length).toBe(1);
  const delivery = (await hub.api("GET", "/deliveries")).body.data[0].id;

  await page.goto("/operator/orgs");
  await page.getByLabel("Name", { exact: true }).fill("Babbage & Sons");
  await page.getByRole("button", { name: "Create" }).click();
  await expect(row(page, "Babbage & Sons")).toBeVisible();
  await page.goto("/");
  await page.getByLabel("Organization: Lovelace Ltd. Switch").click();
  await page.getByRole("button", { name: "Babbage & Sons" }).click();
  await expect(page.getByLabel("Organization: Babbage & Sons. Switch")).toBeVisible();
  const charles = await anotherBrowser();
  await join(charles, await invite(page, "charles@example.com", "owner"), "Charles");

  for (const path of ["/", "/endpoints", "/deliveries", "/inbox", "/settings/members", "/settings/audit"]) {
    await charles.goto(path);
    await expect(charles.getByRole("heading", { level: 1 })).toBeVisible();
    await expect(charles.getByText(/Secret plans|inv_lovelace|Lovelace Ltd|invoice\.paid to/), path).toHaveCount(0);
  }
  await charles.goto("/deliveries?q=inv_lovelace");
  await expect(charles.getByRole("heading", { name: "No delivery matches all filters" })).toBeVisible();
  for (const path of [`/endpoints/${endpoint.id}`, `/endpoints/${endpoint.id}/edit`, `/deliveries/${delivery}`]) {
    expect((await charles.goto(path))!.status(), path).toBe(404);
    await expect(charles.getByRole("heading", { name: "There is nothing here" })).toBeVisible();
  }
  await page.getByLabel("Organization: Babbage & Sons. Switch").click();
  await page.getByRole("button", { name: "Lovelace Ltd" }).click();
  await page.goto("/deliveries");
  await expect(row(page, "invoice.paid")).toBeVisible();
});

test("guessing a password is slowed down, even for who then knows it", async ({ page, hub, allowConsole }) => {
  allowConsole(/status of (401|429)/);
  await page.goto("/sign-in");
  await hydrated(page);
  const fill = async (password: string) => {
    await page.getByLabel("E-mail").fill(hub.email);
    await page.getByLabel("Password").fill(password);
    const answered = page.waitForResponse((response) => response.request().method() === "POST");
    await page.getByRole("button", { name: "Sign in" }).click();
    return (await answered).status();
  };
  for (let guess = 1; guess <= 5; guess++) expect(await fill(`guess number ${guess}`)).toBe(401);
  expect(await fill(hub.password)).toBe(429);
  await expect(page.getByRole("alert").filter({ hasText: /Too many tries\. Wait 1[45] minutes, then try again\./ })).toBeVisible();
});

test("a session can be ended from another browser, and by signing out", async ({ signedIn: page, hub, anotherBrowser }) => {
  const other = await anotherBrowser({ userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0" });
  await signIn(other, hub.email, hub.password);
  await page.goto("/settings/account");
  await expect(row(page, "This browser")).toHaveCount(1);
  await row(page, "Firefox").getByRole("button", { name: "Sign out" }).click();
  await expect(row(page, "Firefox")).toHaveCount(0);
  await other.goto("/deliveries");
  await expect(other).toHaveURL(/\/sign-in\?next=/);

  await page.getByLabel(/^Your account:/).click();
  await page.getByRole("navigation", { name: "Main" }).getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL(/\/sign-in$/);
  await page.goto("/deliveries?status=failed");
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  await page.getByLabel("E-mail").fill(hub.email);
  await page.getByLabel("Password").fill(hub.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(/\/deliveries\?status=failed$/);
});
