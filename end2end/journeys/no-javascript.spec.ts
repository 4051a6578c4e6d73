import { expect, row, signIn, test } from "../support/test.ts";

test.use({ javaScriptEnabled: false });

test("everything that matters works with JavaScript switched off", async ({ page, hub, receiver, anotherBrowser, allowConsole }) => {
  allowConsole(/was preloaded using link preload but not used/);
  await test.step("a wrong password is told, a right one lets in", async () => {
    await page.goto("/sign-in");
    await page.getByLabel("E-mail").fill(hub.email);
    await page.getByLabel("Password").fill("not the password");
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("alert").filter({ hasText: /password/i })).toBeVisible();
    await signIn(page, hub.email, hub.password);
    await expect(page.getByRole("heading", { name: "Home", level: 1 })).toBeVisible();
  });

  await test.step("an endpoint is added; its secret is shown once", async () => {
    await page.getByRole("link", { name: "Add endpoint" }).first().click();
    await page.getByLabel("URL", { exact: true }).fill(receiver.url);
    await page.getByRole("textbox", { name: "Name", exact: true }).fill("Plain");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await expect(page.getByRole("heading", { name: "Plain", level: 1 })).toBeVisible();
    await expect(page.getByRole("textbox", { name: "Signing secret" })).toHaveValue(/^whsec_/);
    await page.reload();
    await expect(page.getByRole("textbox", { name: "Signing secret" })).toHaveCount(0);
  });

  await test.step("a test is sent and its outcome shown", async () => {
    await page.getByRole("combobox", { name: "Event type of the test" }).selectOption("invoice.failed");
    await page.getByRole("button", { name: "Send test" }).click();
    await receiver.waitFor(1);
    await expect(page.getByRole("link", { name: "Open the delivery" })).toBeVisible();
    await expect(page.getByRole("region", { name: "Last test" }).getByText("200").first()).toBeVisible();
  });

  await test.step("a key is made, shown once, and works", async () => {
    await page.getByRole("link", { name: "Developers" }).click();
    await page.getByRole("textbox", { name: "Name", exact: true }).fill("Shop");
    await page.getByRole("button", { name: "Make key" }).click();
    const key = await page.getByRole("textbox", { name: "API key" }).inputValue();
    await page.reload();
    await expect(page.getByRole("textbox", { name: "API key" })).toHaveCount(0);
    const answer = await hub.api("POST", "/events", { event_type: "invoice.paid", data: { id: "inv_apple" } }, { authorization: `Bearer ${key}` });
    expect(answer.status).toBe(202);
    await hub.postEvent("user.joined", { email: "pear@example.com" });
    await receiver.waitFor(3);
    await expect.poll(async () => (await hub.api("GET", "/deliveries?status=delivered")).body.data.length).toBe(3);
  });

  await test.step("the log filters, searches and replays", async () => {
    await page.getByRole("link", { name: "Delivery log" }).first().click();
    await expect(row(page, "Delivered")).toHaveCount(3);
    await page.getByRole("navigation", { name: "Filters" }).getByRole("link", { name: "user.joined" }).click();
    await expect(page).toHaveURL(/event_type=user\.joined/);
    await expect(row(page, "Delivered")).toHaveCount(1);
    await page.getByRole("link", { name: "Remove the filter type: user.joined" }).click();
    await expect.poll(async () => (await hub.api("GET", "/deliveries?q=apple")).body.data.length).toBe(1);
    await page.getByRole("combobox", { name: "Search deliveries" }).fill("apple");
    await page.getByRole("combobox", { name: "Search deliveries" }).press("Enter");
    await expect(row(page, "Delivered")).toHaveText([/invoice\.paid/]);
    await page.getByRole("button", { name: /^Replay invoice\.paid/ }).click();
    await receiver.waitFor(4);
    await page.goto("/deliveries");
    for (const type of ["user.joined", "invoice.failed"]) await page.getByRole("checkbox", { name: new RegExp(`^Select ${type}`) }).check();
    await page.getByRole("button", { name: "Replay selected" }).click();
    await receiver.waitFor(6);
    await page.goto("/deliveries?trigger=replay");
    await expect(row(page, "Replay")).toHaveCount(3);
    await page.getByRole("link", { name: /^user\.joined to Plain/ }).click();
    await expect(page.getByText("pear@example.com")).toBeVisible();
  });

  await test.step("a colleague is invited and joins", async () => {
    await page.goto("/settings/members");
    await page.getByRole("textbox", { name: "E-mail" }).fill("grace@example.com");
    await page.getByRole("button", { name: "Make link" }).click();
    const link = await page.getByRole("textbox", { name: "Invitation link" }).inputValue();
    const grace = await anotherBrowser({ javaScriptEnabled: false });
    await grace.goto(link);
    await grace.getByLabel("Your name").fill("Grace");
    await grace.getByLabel("Password").fill("a long enough password");
    await grace.getByRole("button", { name: "Join" }).click();
    await expect(grace.getByRole("heading", { name: "Home", level: 1 })).toBeVisible();
    await page.reload();
    await row(page, "Grace").getByRole("combobox").selectOption("admin");
    await row(page, "Grace").getByRole("button", { name: "Save" }).click();
    await expect(row(page, "Grace").getByRole("combobox")).toHaveValue("admin");
  });

  await test.step("the theme changes, and signing out ends it", async () => {
    await page.getByLabel(/^Your account:/).click();
    await page.getByRole("navigation", { name: "Main" }).getByRole("button", { name: "Dark" }).click();
    await expect(page.locator("html")).toHaveClass("dark");
    await page.getByLabel(/^Your account:/).click();
    await page.getByRole("navigation", { name: "Main" }).getByRole("button", { name: "Sign out" }).click();
    await expect(page).toHaveURL(/\/sign-in$/);
    await page.goto("/deliveries");
    await expect(page).toHaveURL(/\/sign-in\?next=/);
  });
});
