//! Typed ids: a prefix that names the noun, then 26 characters that sort by time
//! (48 bits of Unix milliseconds and 80 random bits in Crockford's base 32, as in ULID).

/// Crockford's alphabet in lower case: no `i`, `l`, `o`, `u`.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The 26 characters for a time and 80 random bits.
#[must_use]
pub fn sortable(at_ms: i64, random: [u8; 10]) -> String {
    let mut value = (u128::try_from(at_ms).unwrap_or(0) & 0xffff_ffff_ffff) << 80;
    for (index, byte) in random.iter().enumerate() {
        value |= u128::from(*byte) << (72 - 8 * index);
    }
    let mut text = [0u8; 26];
    for slot in text.iter_mut().rev() {
        *slot = ALPHABET[(value & 31) as usize];
        value >>= 5;
    }
    text.iter().map(|byte| char::from(*byte)).collect()
}

/// The time in an id, in Unix milliseconds; 0 for a text that is no id.
#[must_use]
pub fn time_of(id: &str) -> i64 {
    let digits = id.rsplit('_').next().unwrap_or_default().bytes().take(10);
    digits.fold(0, |time, byte| {
        let digit = ALPHABET.iter().position(|known| *known == byte).unwrap_or(0);
        (time << 5) | i64::try_from(digit).unwrap_or(0)
    })
}

/// Whether `text` is 26 characters of the alphabet.
fn is_sortable(text: &str) -> bool {
    text.len() == 26 && text.bytes().all(|byte| ALPHABET.contains(&byte))
}

/// A word that is not an id of the kind asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an id of this kind: it starts with {prefix:?} and has 26 more characters")]
pub struct ParseIdError {
    /// The prefix that was expected, with its underscore.
    pub prefix: &'static str,
}

macro_rules! id {
    ($($(#[$meta:meta])* $name:ident = $prefix:literal;)+) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
        #[cfg_attr(feature = "server", derive(sqlx::Type, utoipa::ToSchema), sqlx(transparent), schema(value_type = String))]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The prefix, with its underscore.
            pub const PREFIX: &'static str = $prefix;

            /// A new id for a time and 80 random bits.
            #[must_use]
            pub fn new(at_ms: i64, random: [u8; 10]) -> Self {
                Self(format!("{}{}", $prefix, sortable(at_ms, random)))
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = ParseIdError;
            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                match text.strip_prefix($prefix) {
                    Some(rest) if is_sortable(rest) => Ok(Self(text.to_owned())),
                    _ => Err(ParseIdError { prefix: $prefix }),
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize<'de>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}

id! {
    /// An organization, the tenant.
    OrgId = "org_";
    /// A person's account.
    UserId = "usr_";
    /// A signed-in browser.
    SessionId = "ses_";
    /// An invitation to join an organization.
    InvitationId = "inv_";
    /// A key for the REST API.
    ApiKeyId = "key_";
    /// An organization's own event type.
    EventTypeId = "ety_";
    /// An event; also the `webhook-id` that receivers see.
    EventId = "evt_";
    /// A tenant's URL that receives events.
    EndpointId = "ep_";
    /// One event for one endpoint.
    DeliveryId = "dlv_";
    /// One try of a delivery.
    AttemptId = "att_";
    /// Several deliveries in one request; also its `webhook-id`.
    BatchId = "bat_";
    /// A throw-away receiver of the hub itself.
    InboxId = "inb_";
    /// A request that an inbox recorded.
    InboxRequestId = "req_";
    /// A replay of many deliveries.
    ReplayId = "rpl_";
    /// Something that people must know.
    AlertId = "alr_";
    /// A line of the audit log.
    AuditId = "aud_";
    /// A named query of the delivery log.
    ViewId = "view_";
    /// A place behind a connection that messages go to.
    ChannelId = "chn_";
    /// An organization's authorised account at a third party.
    ConnectionId = "con_";
    /// An issue that events made and are kept in step with.
    LinkedIssueId = "lnk_";
    /// A line of a linked issue's sync log.
    SyncEntryId = "syn_";
    /// An address that a provider posts to.
    SourceId = "src_";
    /// A request that came to a source.
    InboundRequestId = "ibr_";
    /// Something asked of a third party.
    ConnectionCallId = "cal_";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_time_and_survive_a_round_trip() {
        let early = EventId::new(1_700_000_000_000, [255; 10]);
        let late = EventId::new(1_700_000_000_001, [0; 10]);
        assert!(early < late);
        assert_eq!(early.as_str().parse::<EventId>(), Ok(early.clone()));
        assert_eq!(early.as_str().len(), 30);
        assert_eq!((time_of(early.as_str()), time_of(late.as_str())), (1_700_000_000_000, 1_700_000_000_001));
    }

    #[test]
    fn an_id_of_another_kind_is_refused() {
        let endpoint = EndpointId::new(1, [7; 10]);
        assert!(endpoint.as_str().parse::<EventId>().is_err());
        assert!("evt_short".parse::<EventId>().is_err());
        assert!("evt_0000000000000000000000000U".parse::<EventId>().is_err());
    }
}
