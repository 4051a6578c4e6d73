import { expect, hydrated, test } from "../support/test.ts";

test("a message is checked in the browser, and nothing is asked of the server", async ({ signedIn: page, allowConsole }) => {
  // Of the sprite, which is not reached either.
  allowConsole(/ERR_INTERNET_DISCONNECTED.*icons\.svg/);
  await page.goto("/developers");
  await page.getByRole("link", { name: "Signature debugger" }).click();
  await expect(page.getByRole("heading", { name: "Signature debugger", level: 1 })).toBeVisible();
  await hydrated(page);
  await page.waitForLoadState("networkidle");
  const asked: string[] = [];
  page.on("request", (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname} ${request.postData() ?? ""}`.trim()));
  await page.context().setOffline(true);

  await page.getByRole("button", { name: "Fill in an example" }).click();
  await page.getByRole("button", { name: "Check the signature" }).click();
  const report = page.getByRole("region", { name: "What it says" });
  await expect(report).toBeFocused();
  await expect(report.getByText("The signature holds", { exact: true })).toBeVisible();
  await expect(report.getByText("Standard Webhooks", { exact: true })).toBeVisible();
  const body = await page.getByLabel("Body").inputValue();
  await expect(report.locator("pre")).toContainText(body);

  await test.step("a body that was parsed and written anew is named", async () => {
    await page.getByLabel("Body").fill(JSON.stringify(JSON.parse(body), null, 2));
    await expect(report.getByText("The signature holds"), "the old verdict is gone").toHaveCount(0);
    await page.getByLabel("Body").press("Control+Enter");
    await expect(report.getByText("The signature does not hold", { exact: true })).toBeVisible();
    const finding = report.getByRole("listitem").first();
    await expect(finding).toContainText("The body was parsed and written again");
    await expect(finding).toContainText("Certain");
    await expect(finding).toContainText("Fix:");
  });

  await test.step("a second secret that signed is told", async () => {
    await page.getByLabel("Body").fill(body);
    const secret = await page.getByLabel("Signing secret").inputValue();
    await page.getByLabel("Signing secret").fill("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    await page.getByRole("button", { name: "Check the signature" }).click();
    await expect(report.getByText("The signature does not hold", { exact: true })).toBeVisible();
    await page.getByLabel("Second secret").fill(secret);
    await page.getByRole("button", { name: "Check the signature" }).click();
    await expect(report.getByRole("heading", { name: "Expected signature" })).toBeVisible();
    await expect(report.getByText("the same on both sides").first()).toBeAttached();
  });

  // Icons that are drawn anew look for their sprite.
  expect(asked.filter((request) => request !== "GET /icons.svg"), "requests while checking").toEqual([]);
  expect(new URL(page.url()).search, "nothing stands in the query").toBe("");
});

test("an attempt hands headers and body over behind the #, and they hold with the endpoint's secret", async ({ signedIn: page, hub, receiver }) => {
  const endpoint = await hub.addEndpoint(receiver.url, { name: "Billing" });
  await hub.postEvent("invoice.paid", { id: "inv_1", note: "Zoë & co, 100 % #1" });
  await receiver.waitFor(1);
  await expect.poll(async () => (await hub.api("GET", "/deliveries?status=delivered")).body.data.length).toBe(1);
  const id = (await hub.api("GET", "/deliveries")).body.data[0].id;
  await page.goto(`/deliveries/${id}?tab=signature`);
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.getByRole("link", { name: "Open in the signature debugger" }).click();
  await expect(page.getByLabel("Headers")).toHaveValue(/webhook-signature: v1,/i);
  await expect(page.getByLabel("Body")).toHaveValue(receiver.requests[0]!.body);
  await page.getByLabel("Signing secret").fill(endpoint.secret);
  await page.getByRole("button", { name: "Check the signature" }).click();
  await expect(page.getByText("The signature holds", { exact: true })).toBeVisible();
  expect(asked.filter((url) => /inv_1|whsec|signature=|headers=/.test(url) && !url.includes("#")), "neither message nor secret was sent").toEqual([]);
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("the page says why it needs it and what to run instead", async ({ signedIn: page, allowConsole }) => {
    allowConsole(/was preloaded using link preload but not used/);
    await page.goto("/developers/signature");
    await expect(page.getByRole("heading", { name: "This page needs JavaScript" })).toBeVisible();
    await expect(page.getByText("openssl dgst -sha256")).toBeVisible();
    await expect(page.getByRole("textbox")).toHaveCount(0);
    await expect(page.locator("main form")).toHaveCount(0);
  });
});
