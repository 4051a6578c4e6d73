//! Secrets of people: passwords are hashed slowly (argon2id, away from the async threads, few at a
//! time), random tokens quickly, because nobody can guess those.

use std::time::Duration;

use argon2::password_hash::{Error as HashError, PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use sha2::{Digest, Sha256};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::{Error, Hub, Result};

/// Memory per hash in KiB, passes and lanes: OWASP's first recommendation for argon2id.
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);

/// How long somebody waits for their turn before they are sent away.
const PATIENCE: Duration = Duration::from_secs(15);

/// Two hashes at a time: a wave of sign-ins takes neither all the memory nor all the cores.
static TURNS: Semaphore = Semaphore::const_new(2);

/// What a password is compared with when there is no account, so that the answer takes as long.
/// No password is known that fits.
const DUMMY: &str = "$argon2id$v=19$m=19456,t=2,p=1$cGF0Y2hiYXktZHVtbXkwMQ$jW5pP0cU0mQ2bqYw3l1v8o7Zk4dRz9sXeHt6FfGaBcE";

/// The PHC string of a new password.
pub(crate) async fn hash(hub: &Hub, password: &str) -> Result<String> {
    let salt: [u8; 16] = hub.random.bytes();
    let password = password.to_owned();
    slowly(move || {
        let hash = hasher()?.hash_password_with_salt(password.as_bytes(), &salt);
        Ok(hash.map_err(Error::internal)?.to_string())
    })
    .await
}

/// Whether the password belongs to the hash. Without a hash the answer is no, after the same work.
pub(crate) async fn matches(password: &str, hash: Option<&str>) -> Result<bool> {
    let known = hash.is_some();
    let hash = hash.unwrap_or(DUMMY).to_owned();
    let password = password.to_owned();
    let fits = slowly(move || match hasher()?.verify_password(password.as_bytes(), hash.as_str()) {
        Ok(()) => Ok(true),
        Err(HashError::PasswordInvalid) => Ok(false),
        Err(error) => Err(Error::internal(error)),
    })
    .await?;
    Ok(fits && known)
}

/// How a random token is stored. It has 240 random bits, so that a fast hash is enough.
pub(crate) fn token_hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

fn hasher() -> Result<Argon2<'static>> {
    let params = Params::new(COST.0, COST.1, COST.2, None).map_err(Error::internal)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

async fn slowly<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let turn: SemaphorePermit<'static> = match tokio::time::timeout(PATIENCE, TURNS.acquire()).await {
        Ok(Ok(turn)) => turn,
        Ok(Err(closed)) => return Err(Error::internal(closed)),
        Err(_) => return Err(Error::unavailable("Too many people sign in right now. Try again in a minute.")),
    };
    // The turn moves along: work that was started ends even when nobody waits for it any more.
    tokio::task::spawn_blocking(move || {
        let _turn = turn;
        work()
    })
    .await
    .map_err(Error::internal)?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_comparison_without_an_account_does_the_same_work_and_fails() {
        let phc = argon2::password_hash::phc::PasswordHash::new(DUMMY).expect("the dummy is a hash");
        let params = Params::try_from(&phc).expect("with parameters");
        assert_eq!((params.m_cost(), params.t_cost(), params.p_cost()), COST);
        assert_eq!(phc.hash.map(|output| output.len()), Some(32));
        assert!(!matches("anything at all", None).await.expect("an answer"));
    }

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only() {
        let salt = [7; 16];
        let hash =
            hasher().expect("parameters").hash_password_with_salt(b"correct horse", &salt).expect("a hash").to_string();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(matches("correct horse", Some(&hash)).await.expect("an answer"));
        assert!(!matches("correct horsf", Some(&hash)).await.expect("an answer"));
        assert!(matches("x", Some("not a hash")).await.is_err());
    }
}
