//! From the request that `oauth2` lays out to the one that is sent.
//!
//! `oauth2` keeps what it is given in plain text that is never wiped, and knows neither JSON nor the
//! providers' other habits. So it is given stand-ins, and here each secret takes the place of its own,
//! the client's proof is added, and the whole is written the way the provider wants it.

use form_urlencoded::parse;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderValue, Method};
use oauth2::HttpRequest;

use super::Client;
use super::provider::{BodyEncoding, Provider};
use crate::client_credentials::ClientAuthentication;
use crate::exchange::FormRequest;
use crate::form;
use crate::secret::{Secret, wiped_bytes};

/// What `oauth2` is given in the place of a secret.
pub(super) const STAND_IN: &str = "stand-in";

/// The secrets of a request, by the name of the parameter.
pub(super) type Secrets<'a> = Vec<(&'static str, &'a Secret)>;

/// Fills in what `oauth2` was not told.
pub(super) fn fill(laid_out: &HttpRequest, provider: &Provider, client: &Client, secrets: &Secrets<'_>) -> FormRequest {
    let parameters: Vec<_> = parse(laid_out.body()).filter(|(name, _)| name != "client_id").collect();
    let fields: Vec<_> = parameters
        .iter()
        .map(|(name, value)| match secrets.iter().find(|(known, _)| known == name) {
            Some((_, secret)) => (&**name, secret.expose()),
            None => (&**name, &**value),
        })
        .collect();
    proven(post(&provider.token_url, provider.encoding), client, provider.authentication, fields)
}

/// A request without its fields.
pub(super) struct Blank {
    pub(super) method: Method,
    pub(super) url: String,
    pub(super) encoding: BodyEncoding,
}

pub(super) fn post(url: &str, encoding: BodyEncoding) -> Blank {
    Blank { method: Method::POST, url: url.to_owned(), encoding }
}

/// A request with the client's proof.
pub(super) fn proven<'a>(
    blank: Blank,
    client: &'a Client,
    authentication: ClientAuthentication,
    mut fields: Vec<(&'a str, &'a str)>,
) -> FormRequest {
    match authentication {
        ClientAuthentication::Basic => {
            let mut request = unproven(blank, &fields);
            request.headers.push(form::basic(&client.id, &client.secret));
            request
        }
        ClientAuthentication::Body => {
            fields.push(("client_id", &client.id));
            fields.push(("client_secret", client.secret.expose()));
            unproven(blank, &fields)
        }
    }
}

/// A request without the client's proof.
pub(super) fn unproven(blank: Blank, fields: &[(&str, &str)]) -> FormRequest {
    let (content_type, body) = match blank.encoding {
        BodyEncoding::Form => ("application/x-www-form-urlencoded", wiped_bytes(form::encode(fields))),
        BodyEncoding::Json => ("application/json", wiped_bytes(form::encode_json(fields))),
    };
    let headers = vec![
        (ACCEPT, HeaderValue::from_static("application/json")),
        (CONTENT_TYPE, HeaderValue::from_static(content_type)),
    ];
    FormRequest { method: blank.method, url: blank.url, headers, body }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_secret_takes_the_place_of_its_own_stand_in() {
        let laid_out = HttpRequest::new(b"client_id=x&code=stand-in&other=stand-in&redirect_uri=a%26b".to_vec());
        let client = Client { id: "me".to_owned(), secret: Secret::from("s"), redirect_uri: String::new() };
        let code = Secret::from("c&d");
        let request = fill(&laid_out, &Provider::new("https://a", "https://b"), &client, &vec![("code", &code)]);
        assert_eq!(request.url, "https://b");
        assert_eq!(request.body, "code=c%26d&other=stand-in&redirect_uri=a%26b&client_id=me&client_secret=s");
    }
}
