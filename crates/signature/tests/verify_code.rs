//! The programs that receivers copy are run, each in its language, against messages signed here.
//!
//! A language that is not installed is passed over, and said so.

use std::collections::HashMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use signature::{Secret, VERIFY_CODE, sign_standard};

#[path = "../verify-code/verify.rs"]
#[expect(dead_code, clippy::disallowed_methods, reason = "a program of its own, with a main and the machine's clock")]
mod rust;

const ID: &str = "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W";
const BODY: &str = "{\"type\":\"contact.created\",\"name\":\"Zoë €\"}";

/// What reaches a receiver, and whether it must accept it.
struct Case {
    name: &'static str,
    secret: String,
    timestamp: String,
    signature: String,
    body: Vec<u8>,
    valid: bool,
}

#[expect(clippy::disallowed_methods, reason = "the programs under test read the machine's clock")]
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock that was set");
    since.as_secs().cast_signed()
}

/// What anybody can make for a receiver whose secret is empty.
fn with_empty_key(at: i64, body: &[u8]) -> String {
    let mac =
        Hmac::<Sha256>::new_from_slice(b"").expect("any length").chain_update(format!("{ID}.{at}.")).chain_update(body);
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

fn signed(secrets: &[&Secret], at: i64, body: &[u8]) -> String {
    let secrets: Vec<_> = secrets.iter().map(|secret| (*secret).clone()).collect();
    sign_standard(&secrets, ID, at, body)
}

/// A message with the usual body.
fn case(name: &'static str, secret: &str, at: i64, signature: String, valid: bool) -> Case {
    Case {
        name,
        secret: secret.to_owned(),
        timestamp: at.to_string(),
        signature,
        body: BODY.as_bytes().to_vec(),
        valid,
    }
}

fn cases() -> Vec<Case> {
    let (new, old, other) = (Secret::generate([2; 32]), Secret::generate([1; 32]), Secret::generate([3; 32]));
    let (now, body) = (now(), BODY.as_bytes());
    let good = signed(&[&new], now, body);
    let both = signed(&[&new, &old], now, body);
    let either = format!("{} {}", other.text(), old.text());
    let bytes = b"\0\xff line\r\n%s $HOME `id`\n\n";
    let rotated = |name, secret: &Secret, valid| case(name, secret.text(), now, both.clone(), valid);
    vec![
        case("good", new.text(), now, good.clone(), true),
        case("wrong secret", other.text(), now, good.clone(), false),
        case("almost stale", new.text(), now - 240, signed(&[&new], now - 240, body), true),
        case("stale", new.text(), now - 310, signed(&[&new], now - 310, body), false),
        case("from the future", new.text(), now + 330, signed(&[&new], now + 330, body), false),
        rotated("rotated, receiver has the old secret", &old, true),
        rotated("rotated, receiver has the new secret", &new, true),
        rotated("rotated, receiver has neither", &other, false),
        case("receiver holds two secrets", &either, now, signed(&[&old], now, body), true),
        case("other versions around", new.text(), now, format!("v2,AAAA {good} v1a,BBBB"), true),
        case("without its version", new.text(), now, good.replace("v1,", ""), false),
        case("cut signature", new.text(), now, good[..20].to_owned(), false),
        case("no signature", new.text(), now, String::new(), false),
        case("no secret", "", now, good.clone(), false),
        case("signed with an empty key", "whsec_", now, with_empty_key(now, body), false),
        Case { body: b"{}".to_vec(), ..case("tampered body", new.text(), now, good.clone(), false) },
        case("tampered timestamp", new.text(), now + 1, good.clone(), false),
        Case { timestamp: format!("{now}x"), ..case("odd timestamp", new.text(), now, good.clone(), false) },
        Case { timestamp: String::new(), ..case("no timestamp", new.text(), now, good, false) },
        Case { body: Vec::new(), ..case("empty body", new.text(), now, signed(&[&new], now, b""), true) },
        Case { body: bytes.to_vec(), ..case("any bytes", new.text(), now, signed(&[&new], now, bytes), true) },
    ]
}

/// The program in the search path, or a word that it is not there.
fn installed(program: &str) -> Option<PathBuf> {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&paths).map(|folder| folder.join(program)).find(|path| path.is_file());
    if found.is_none() {
        println!("skipped: {program} is not installed");
    }
    found
}

fn code(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("verify-code").join(file)
}

/// Whether the program accepts the message. Anything but 0 and 1 is a crash.
fn accepts(program: &Path, arguments: &[&Path], case: &Case) -> bool {
    let mut child = Command::new(program)
        .args(arguments)
        .env("WEBHOOK_SECRET", &case.secret)
        .env("WEBHOOK_ID", ID)
        .env("WEBHOOK_TIMESTAMP", &case.timestamp)
        .env("WEBHOOK_SIGNATURE", &case.signature)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the interpreter starts");
    child.stdin.take().expect("piped").write_all(&case.body).expect("the program reads its input");
    let output = child.wait_with_output().expect("the program ends");
    let said = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    assert!(matches!(output.status.code(), Some(0 | 1)), "{}: {}: {said}", case.name, output.status);
    assert_eq!(said, "", "{}", case.name);
    output.status.success()
}

fn judges_all(program: &Path, arguments: &[&Path]) {
    for case in cases() {
        assert_eq!(accepts(program, arguments, &case), case.valid, "{}", case.name);
    }
}

#[test]
fn the_shell_code_judges_every_message_rightly() {
    if let (Some(bash), Some(_)) = (installed("bash"), installed("openssl")) {
        judges_all(&bash, &[&code("verify.sh")]);
    }
}

#[test]
fn the_javascript_code_judges_every_message_rightly() {
    if let Some(node) = installed("node") {
        judges_all(&node, &[&code("verify.mjs")]);
    }
}

#[test]
fn the_python_code_judges_every_message_rightly() {
    if let Some(python) = installed("python3") {
        judges_all(&python, &[&code("verify.py")]);
    }
}

#[test]
fn the_php_code_judges_every_message_rightly() {
    if let Some(php) = installed("php") {
        judges_all(&php, &[&code("verify.php")]);
    }
}

#[test]
fn the_ruby_code_judges_every_message_rightly() {
    if let Some(ruby) = installed("ruby") {
        judges_all(&ruby, &[&code("verify.rb")]);
    }
}

#[test]
fn the_go_code_judges_every_message_rightly() {
    let Some(go) = installed("go") else { return };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("verify-code");
    let program = folder.join("verify-go");
    let built = Command::new(go)
        .args(["build", "-o"])
        .args([&program, &code("verify.go")])
        .env("GOCACHE", folder.join("go-cache"))
        .env("GOPROXY", "off")
        .env("CGO_ENABLED", "0")
        .output()
        .expect("go starts");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    judges_all(&program, &[]);
}

#[test]
fn the_rust_code_judges_every_message_rightly() {
    for case in cases() {
        let headers: HashMap<_, _> =
            [("webhook-id", ID), ("webhook-timestamp", &case.timestamp), ("webhook-signature", &case.signature)]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into();
        assert_eq!(rust::verify(&case.secret, &headers, &case.body), case.valid, "{}", case.name);
    }
}

#[test]
fn every_program_has_the_function_and_reads_the_same_names() {
    for (slug, name, code) in VERIFY_CODE {
        assert!(slug.bytes().all(|byte| byte.is_ascii_lowercase()) && !name.is_empty());
        for word in ["verify", "WEBHOOK_SECRET", "300", "v1,"] {
            assert!(code.contains(word), "{slug}: {word}");
        }
        assert!(code.ends_with('\n') && code.lines().all(|line| line.chars().count() <= 120), "{slug}");
    }
    let slugs: std::collections::HashSet<_> = VERIFY_CODE.iter().map(|(slug, ..)| slug).collect();
    assert_eq!(slugs.len(), 7);
}
