import { expect, isSigned, openLiveLog, row, test } from "../support/test.ts";

test("a receiver that fails twice has it on the third try, and the row follows live", async ({ signedIn: page, hub, receiver }) => {
  const endpoint = await hub.addEndpoint(receiver.url, { name: "Flaky", retry: [4, 1] });
  await openLiveLog(page);
  receiver.failsThenAccepts(2);
  const id = await hub.postEvent("subscription.created", { id: "sub_1" });

  const shown = row(page, "subscription.created");
  await expect(shown).toContainText("Retrying");
  await expect(shown).toContainText("500");
  await expect(shown).toContainText("Delivered");
  await expect(shown).toContainText("3/3");
  const requests = await receiver.waitFor(3);
  expect(requests.map((request) => request.headers["webhook-id"]), "the same id on every try").toEqual([id, id, id]);
  expect(requests.every((request) => isSigned(request, endpoint.secret))).toBe(true);

  await page.getByRole("link", { name: /^subscription\.created to Flaky/ }).click();
  await expect(page.getByRole("heading", { name: "Attempt 3 of 3" })).toBeVisible();
  const lifecycle = page.getByRole("region", { name: "Lifecycle" });
  await expect(lifecycle.getByRole("link", { name: /^Attempt \d$/ })).toHaveText(["Attempt 1", "Attempt 2", "Attempt 3"]);
  await page.getByRole("navigation", { name: "Attempts" }).getByRole("link", { name: "1" }).click();
  await expect(page.getByRole("heading", { name: "Attempt 1 of 3" })).toBeVisible();
  await expect(page.getByText(/^Answered 500 in /)).toBeVisible();
  await page.getByRole("navigation", { name: "Sections" }).getByRole("link", { name: "Response" }).click();
  await expect(page.getByText("no, thanks", { exact: true })).toBeVisible();
});

test("a delivery without tries left is a dead letter, and a replay brings it to the receiver", async ({ signedIn: page, hub, receiver }) => {
  await hub.addEndpoint(receiver.url, { name: "Down", retry: [] });
  receiver.failsThenAccepts(1, 503);
  await openLiveLog(page);
  await hub.postEvent("invoice.failed", { id: "inv_2" });
  await expect(row(page, "invoice.failed")).toContainText("Failed");

  await page.getByRole("link", { name: /^invoice\.failed to Down/ }).click();
  await expect(page.getByText("Failed · dead letter")).toBeVisible();
  await expect(page.getByText("no attempts left")).toBeVisible();
  const dead = page.url();
  await page.getByRole("button", { name: "Replay" }).click();
  await page.waitForURL((url) => url.href !== dead);
  await expect(page.getByText("Delivered", { exact: true })).toBeVisible();
  await expect(page.getByText("Replay of")).toBeVisible();
  expect((await receiver.waitFor(2)).map((request) => request.headers["webhook-id"])).toHaveLength(2);

  await page.getByRole("link", { name: new RegExp(dead.split("/").pop()!) }).click();
  await expect(page.getByText("Failed · dead letter")).toBeVisible();
  await page.getByRole("navigation", { name: "Sections" }).getByRole("link", { name: "Related 1" }).click();
  await expect(row(page, "Down")).toContainText("Delivered");
});

test("a delivery that waits for its next try goes at once when asked to", async ({ signedIn: page, hub, receiver }) => {
  await hub.addEndpoint(receiver.url, { name: "Slow schedule", retry: [3600] });
  receiver.failsThenAccepts(1);
  await hub.postEvent("user.invited", { email: "grace@example.com" });
  await receiver.waitFor(1);
  const list = () => hub.api("GET", "/deliveries?status=retrying");
  await expect.poll(async () => (await list()).body.data.length).toBe(1);
  await page.goto(`/deliveries/${(await list()).body.data[0].id}`);
  await expect(page.getByText(/Next try in ((4[7-9]|5[0-9]) min|1 h)/)).toBeVisible();
  await page.getByRole("button", { name: "Try now" }).click();
  await expect(page.getByText("Delivered", { exact: true })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Attempt 2 of 2" })).toBeVisible();
});
