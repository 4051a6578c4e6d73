//! The address of a workflow, as people paste it.

use http::Uri;

/// Hosts of workflows, and the ends of such names.
const HOSTS: [&str; 3] = ["api.powerautomate.com", "api.powerplatform.com", "flow.microsoft.com"];
const ENDS: [&str; 4] = [".logic.azure.com", ".api.powerplatform.com", ".api.powerautomate.com", ".flow.microsoft.com"];

/// Reads the address of a workflow: answers its origin, which is no secret (`https://prod-01.westeurope.logic.azure.com:443`).
/// `simulated` is where a simulated Teams is, without a trailing slash.
///
/// # Errors
/// What is wrong with it, as a sentence that follows the field's name.
pub fn origin(text: &str, simulated: Option<&str>) -> Result<String, &'static str> {
    let wrong = "is not the address of a workflow. In Teams choose Workflows on the channel, \"Send webhook alerts to a channel\", \
                 and copy the address it shows at the end; it begins with https://.";
    let uri: Uri = text.parse().map_err(|_| wrong)?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else { return Err(wrong) };
    let origin = format!("{scheme}://{authority}");
    if simulated.is_some_and(|base| base == origin) {
        return signed(&uri).map(|()| origin);
    }
    let host = authority.host().to_ascii_lowercase();
    if host == "webhook.office.com" || host.ends_with(".webhook.office.com") || host == "outlook.office.com" {
        return Err(
            "is the address of an Incoming Webhook connector, which Microsoft has switched off. In Teams choose Workflows on \
                    the channel, \"Send webhook alerts to a channel\", and paste the address it shows at the end.",
        );
    }
    let is_known = HOSTS.contains(&host.as_str()) || ENDS.iter().any(|end| host.ends_with(end));
    if scheme != "https" || authority.as_str().contains('@') || !is_known {
        return Err(wrong);
    }
    signed(&uri).map(|()| origin)
}

/// Whether the signature is there that a workflow knows its callers by.
fn signed(uri: &Uri) -> Result<(), &'static str> {
    let mut pairs = uri.query().unwrap_or_default().split('&');
    if pairs.any(|pair| pair.strip_prefix("sig=").is_some_and(|signature| !signature.is_empty())) {
        return Ok(());
    }
    Err("lacks its signature (`sig=` at the end). Copy the whole address from the workflow.")
}

#[cfg(test)]
mod tests {
    use super::origin;

    #[test]
    fn only_the_address_of_a_workflow_is_one() {
        for good in [
            "https://prod-01.westeurope.logic.azure.com:443/workflows/ab/triggers/manual/paths/invoke?api-version=2016-06-01&sp=x&sig=abc",
            "https://default0a1b.2c.environment.api.powerplatform.com:443/powerautomate/automations/direct/workflows/1/triggers/manual/paths/invoke?sig=x",
            "https://PROD-01.westeurope.LOGIC.azure.com/workflows/1?sig=x",
        ] {
            assert!(origin(good, None).is_ok(), "{good}");
        }
        for wrong in [
            "",
            "prod-01.westeurope.logic.azure.com/workflows/ab?sig=abc",
            "http://prod-01.westeurope.logic.azure.com/workflows/ab?sig=abc",
            "https://logic.azure.com.evil.example/workflows/ab?sig=abc",
            "https://evillogic.azure.com/workflows?sig=abc",
            "https://a@prod-01.logic.azure.com/workflows?sig=abc",
            "https://prod-01.logic.azure.com/workflows/ab",
            "https://prod-01.logic.azure.com/workflows/ab?sig=",
            "http://127.0.0.1:4011/workflows/1?sig=a",
        ] {
            assert!(origin(wrong, None).is_err(), "{wrong}");
        }
        let old = origin("https://acme.webhook.office.com/webhookb2/1", None).expect_err("switched off");
        assert!(old.contains("switched off"), "{old}");
    }

    #[test]
    fn a_simulated_one_is_taken_where_it_is_and_nowhere_else() {
        let base = Some("http://127.0.0.1:4011");
        let found = origin("http://127.0.0.1:4011/workflows/1?sig=a", base);
        assert_eq!(found.as_deref(), Ok("http://127.0.0.1:4011"));
        assert!(origin("http://127.0.0.1:4012/workflows/1?sig=a", base).is_err());
        assert!(origin("http://127.0.0.1:4011/workflows/1", base).is_err());
    }
}
