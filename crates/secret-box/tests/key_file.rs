//! The key file: made once, private, and refused when it is not.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use secret_box::{KeyFileError, Keyring, ParseKeyError};

#[test]
fn a_missing_file_is_created_private_and_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("master.key");
    let made = Keyring::load_or_create(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(Keyring::load_or_create(&path).unwrap().current().id(), made.current().id());
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "the draft is gone");
}

#[test]
fn a_file_that_others_can_read_is_refused_with_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("master.key");
    Keyring::load_or_create(&path).unwrap();
    for mode in [0o640, 0o604, 0o620, 0o666] {
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        let error = Keyring::load_or_create(&path).unwrap_err();
        assert!(matches!(error, KeyFileError::TooOpen { mode: found, .. } if found == mode), "{error}");
        assert!(error.to_string().contains("chmod 600"), "{error}");
    }
    fs::set_permissions(&path, Permissions::from_mode(0o400)).unwrap();
    assert!(Keyring::load_or_create(&path).is_ok());
}

#[test]
fn a_file_without_a_key_is_left_alone_and_explained() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("master.key");
    for (text, problem) in [("", ParseKeyError::Empty), ("AAAA\n", ParseKeyError::WrongLength(3))] {
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        let error = Keyring::load_or_create(&path).unwrap_err();
        assert!(matches!(error, KeyFileError::Parse { source, .. } if source == problem), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
}

#[test]
fn a_missing_folder_is_an_error_and_not_created() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nowhere/master.key");
    let error = Keyring::load_or_create(&path).unwrap_err();
    assert!(matches!(error, KeyFileError::Create { .. }), "{error}");
    assert!(error.to_string().contains("nowhere"), "{error}");
}

#[test]
fn many_that_start_at_once_share_one_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("master.key");
    let start = || Keyring::load_or_create(&path).unwrap().current().id();
    let ids: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(ids.iter().all(|id| *id == ids[0]));
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
}

#[test]
fn a_file_holds_the_current_key_and_older_ones() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("master.key");
    let first = Keyring::load_or_create(&path).unwrap();
    let sealed = first.seal([1; 12], "here", b"token");
    let rotated = Keyring::rotate_file(&path).unwrap();
    assert_ne!(rotated, first);
    assert!(rotated.needs_reseal(&sealed));
    assert_eq!(rotated.open("here", &sealed).unwrap().as_slice(), b"token");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "the draft is gone");

    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("# of this year\n\n{text}")).unwrap();
    assert_eq!(Keyring::load(&path).unwrap(), rotated);
    fs::write(&path, format!("{text}not a key\n")).unwrap();
    assert!(matches!(Keyring::load(&path), Err(KeyFileError::Parse { source: ParseKeyError::NotEncoded, .. })));
    assert!(matches!(Keyring::rotate_file(&path), Err(KeyFileError::Parse { .. })));
    assert_eq!(fs::read_to_string(&path).unwrap(), format!("{text}not a key\n"), "and it is left alone");
}
