//! What names a channel of Teams here: its team and itself, as `team:channel`, since a channel's id is good within its team.

use percent_encoding::percent_decode_str;

/// Hosts of links to channels.
const HOSTS: [&str; 4] =
    ["teams.microsoft.com", "teams.cloud.microsoft", "gov.teams.microsoft.us", "dod.teams.microsoft.us"];

/// The name of a channel here.
#[must_use]
pub fn name(team: &str, channel: &str) -> String {
    format!("{team}:{channel}")
}

/// The team and the channel of a name; nothing of a workflow's one channel.
#[must_use]
pub fn read(name: &str) -> Option<(&str, &str)> {
    name.split_once(':').filter(|(team, channel)| is_guid(team) && is_channel(channel))
}

/// The name of a channel in what was pasted: itself, or a link as Teams gives it under "Get link to channel":
/// `https://teams.microsoft.com/l/channel/19%3A…%40thread.tacv2/General?groupId=…&tenantId=…`.
#[must_use]
pub fn pasted(text: &str) -> Option<String> {
    let text = text.trim();
    if read(text).is_some() {
        return Some(text.to_owned());
    }
    let (host, rest) = text.strip_prefix("https://")?.split_once('/')?;
    let (path, query) = rest.split_once('?')?;
    let channel = path.strip_prefix("l/channel/")?.split('/').next()?;
    let channel = percent_decode_str(channel).decode_utf8().ok()?;
    let team = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "groupId")?.1;
    let is_link = HOSTS.iter().any(|known| known.eq_ignore_ascii_case(host));
    (is_link && is_guid(&team) && is_channel(&channel)).then(|| name(&team, &channel))
}

fn is_guid(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

fn is_channel(text: &str) -> bool {
    text.starts_with("19:") && text.len() <= 200 && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEAM: &str = "fbe2bf47-16c8-47cf-b4a5-4b9b187c508b";
    const CHANNEL: &str = "19:4a95f7d8db4c4e7fae857bcebe0623e6@thread.tacv2";

    #[test]
    fn a_channel_is_named_by_its_team_and_itself() {
        let both = name(TEAM, CHANNEL);
        assert_eq!(read(&both), Some((TEAM, CHANNEL)));
        assert_eq!(pasted(&format!(" {both}\n")).as_deref(), Some(both.as_str()));
        for link in [
            "https://teams.microsoft.com/l/channel/19%3A4a95f7d8db4c4e7fae857bcebe0623e6%40thread.tacv2/General?groupId=fbe2bf47-16c8-47cf-b4a5-4b9b187c508b&tenantId=x",
            "https://teams.cloud.microsoft/l/channel/19%3a4a95f7d8db4c4e7fae857bcebe0623e6%40thread.tacv2/A%20b?tenantId=x&groupId=fbe2bf47-16c8-47cf-b4a5-4b9b187c508b",
        ] {
            assert_eq!(pasted(link).as_deref(), Some(both.as_str()), "{link}");
        }
        for other in [
            "workflow",
            "finance: alerts",
            "19:4a95f7d8db4c4e7fae857bcebe0623e6@thread.tacv2",
            "https://teams.microsoft.com/l/team/19%3A4a95f7d8/General?groupId=fbe2bf47-16c8-47cf-b4a5-4b9b187c508b",
            "https://evil.example/l/channel/19%3A1/x?groupId=fbe2bf47-16c8-47cf-b4a5-4b9b187c508b",
        ] {
            assert_eq!((pasted(other), read(other)), (None, None), "{other}");
        }
    }
}
