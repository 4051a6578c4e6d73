//! Equal arguments give equal answers.

use sandbox::Script;

use crate::{both, on_threads, sent};

const SCRIPT: &str = "function transform(event) {
  class Later extends Date {}
  return {
    now: Date.now(), fresh: new Date(), text: new Date(0).toISOString(), plain: typeof Date(),
    parts: new Date(Date.UTC(2020, 1, 29)), copy: new Date(new Date(5)).getTime(), later: new Later().getTime(),
    parsed: Date.parse('2020-01-01T00:00:00Z'), is: new Date() instanceof Date && new Later() instanceof Later,
    name: Date.name + Date.length, escape: new Date().constructor === Date && new Date(3).constructor.now(),
    random: [Math.random(), Math.random()],
  };
}";

#[tokio::test]
async fn the_clock_stands_still() {
    for sandbox in both() {
        let body = sent(sandbox.run(&Script::accepted(SCRIPT), "{}", 1_700_000_000_123, 1).await);
        let value: serde_json::Value = serde_json::from_str(&body).unwrap();
        let expected = serde_json::json!({
            "now": 1_700_000_000_123_i64, "fresh": "2023-11-14T22:13:20.123Z", "text": "1970-01-01T00:00:00.000Z",
            "plain": "string", "parts": "2020-02-29T00:00:00.000Z", "copy": 5, "later": 1_700_000_000_123_i64,
            "parsed": 1_577_836_800_000_i64, "is": true, "name": "Date7", "escape": 1_700_000_000_123_i64,
            "random": value["random"],
        });
        assert_eq!(value, expected);
    }
}

#[tokio::test]
async fn a_replay_is_byte_identical() {
    let script = Script::accepted(SCRIPT);
    let mut bodies = Vec::new();
    for sandbox in both() {
        for _ in 0..3 {
            bodies.push(sent(sandbox.run(&script, "{}", -1, u64::MAX).await));
        }
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");
}

#[tokio::test]
async fn each_seed_has_its_own_randomness() {
    let script = Script::accepted("function transform() { return Array.from({ length: 1000 }, () => Math.random()); }");
    let sandbox = on_threads();
    let mut firsts = Vec::new();
    for seed in [0, 1, 1 << 32, u64::MAX] {
        let numbers: Vec<f64> = serde_json::from_str(&sent(sandbox.run(&script, "{}", 0, seed).await)).unwrap();
        let mean = numbers.iter().sum::<f64>() / 1000.0;
        assert!(
            numbers.iter().all(|number| (0.0..1.0).contains(number)) && (0.45..0.55).contains(&mean),
            "{seed}: {mean}"
        );
        firsts.push(numbers[0].to_bits());
    }
    firsts.sort_unstable();
    firsts.dedup();
    assert_eq!(firsts.len(), 4);
}
