//! Organizations, their people, teams and channels.

use super::guid;
use crate::chance::Ids;
use crate::entra::options::NewTenant;
use crate::entra::scopes;

/// An organization.
#[derive(Debug, Clone)]
pub struct Tenant {
    /// The tenant id, a GUID; `tid` in id tokens.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The domain of its accounts: `acme.onmicrosoft.example`.
    pub domain: String,
    /// Whether people without a role may consent to apps.
    pub users_may_consent: bool,
    /// Its people; the first one is its administrator.
    pub people: Vec<Person>,
    /// Its teams, without those that were deleted.
    pub teams: Vec<Team>,
    /// What an administrator has allowed for everybody.
    pub admin_consent: Option<AdminConsent>,
}

/// What an administrator has allowed for everybody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AdminConsent {
    /// Delegated permissions.
    pub scopes: Vec<String>,
    /// Application permissions, which the app has without anybody being there.
    pub roles: Vec<String>,
}

/// A person with a work account.
#[derive(Debug, Clone)]
pub struct Person {
    /// The object id, a GUID; `oid` in id tokens.
    pub id: String,
    /// The whole name.
    pub name: String,
    /// The user principal name, which looks like an address.
    pub principal: String,
    /// Whether they may consent for everybody.
    pub is_admin: bool,
    /// Whether they may sign in.
    pub is_enabled: bool,
    /// Delegated permissions that they gave the app.
    pub consented: Vec<String>,
}

/// A team.
#[derive(Debug, Clone)]
pub struct Team {
    /// Its id, a GUID.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is about.
    pub description: String,
    /// The object ids of its members.
    pub members: Vec<String>,
    /// Whether it was archived: nobody may post.
    pub is_archived: bool,
    /// Its channels, without those that were deleted.
    pub channels: Vec<Channel>,
}

/// A channel.
#[derive(Debug, Clone)]
pub struct Channel {
    /// Its id: `19:…@thread.tacv2`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is about.
    pub description: String,
    /// Who is in it.
    pub membership: Membership,
    /// The object ids of the members of a private channel.
    pub members: Vec<String>,
    /// Whether it was archived: nobody may post.
    pub is_archived: bool,
}

/// Who is in a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Membership {
    /// Everybody of the team.
    Standard,
    /// Those who were invited.
    Private,
}

impl Membership {
    /// As Graph writes it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Private => "private",
        }
    }
}

const PEOPLE: [(&str, &str); 4] =
    [("megan", "Megan Bowen"), ("alex", "Alex Wilber"), ("soren", "Søren O'Neil <ops>"), ("mei", "陳美")];
const TEAMS: [&str; 3] = ["Engineering", "Sales & Marketing", "Kundendienst Köln"];
const CHANNELS: [&str; 4] = ["General", "Alerts", "Board <private>", "Operations & infra"];
/// The place of the channel in each team that is private.
const PRIVATE: usize = 2;

impl Tenant {
    pub(super) fn generate(new: &NewTenant, ids: &mut Ids) -> Self {
        let domain = new.name.to_lowercase().replace(|letter: char| !letter.is_ascii_alphanumeric(), "-");
        let domain = format!("{domain}.onmicrosoft.example");
        let person = |(index, (short, name)): (usize, &(&str, &str))| Person {
            id: guid(ids),
            name: (*name).to_owned(),
            principal: format!("{short}@{domain}"),
            is_admin: index == 0,
            is_enabled: true,
            consented: Vec::new(),
        };
        let people: Vec<Person> = PEOPLE.iter().enumerate().map(person).collect();
        let teams = (0..new.teams).map(|index| Team::generate(index, new, &people, ids)).collect();
        Self {
            id: guid(ids),
            name: new.name.clone(),
            domain,
            users_may_consent: new.users_may_consent,
            people,
            teams,
            admin_consent: None,
        }
    }

    /// A person by the object id.
    #[must_use]
    pub fn person(&self, id: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.id == id)
    }

    /// The permissions that a person's tokens have: what they gave, and what an administrator gave for everybody.
    #[must_use]
    pub fn scopes_of(&self, person: &Person) -> Vec<String> {
        let mut all = person.consented.clone();
        scopes::unite(&mut all, self.admin_consent.as_ref().map_or(&[][..], |consent| &consent.scopes));
        all
    }

    /// Whether the app is known here: somebody has consented.
    pub(crate) fn knows_app(&self) -> bool {
        self.admin_consent.is_some() || self.people.iter().any(|person| !person.consented.is_empty())
    }
}

impl Team {
    fn generate(index: usize, new: &NewTenant, people: &[Person], ids: &mut Ids) -> Self {
        let name = TEAMS.get(index).map_or_else(|| format!("Team {index:03}"), |name| (*name).to_owned());
        // The last team of several is the administrator's alone.
        let in_it = if index > 0 && index + 1 == new.teams { 1 } else { people.len() };
        let members: Vec<String> = people.iter().take(in_it).map(|person| person.id.clone()).collect();
        let id = guid(ids);
        let channels = (0..new.channels).map(|index| Channel::generate(index, &members, ids)).collect();
        Self { id, description: format!("All about {name}"), name, members, is_archived: false, channels }
    }

    /// A channel by its id.
    #[must_use]
    pub fn channel(&self, id: &str) -> Option<&Channel> {
        self.channels.iter().find(|channel| channel.id == id)
    }

    /// The channels that a person sees; the app itself sees all.
    pub(crate) fn seen_by<'a>(&'a self, person: Option<&str>) -> impl Iterator<Item = &'a Channel> {
        self.channels.iter().filter(move |channel| person.is_none_or(|person| channel.is_seen_by(person)))
    }
}

impl Channel {
    pub(crate) fn named(name: &str, ids: &mut Ids) -> Self {
        Self {
            id: format!("19:{}{}@thread.tacv2", ids.secret(), &ids.secret()[..8]),
            name: name.to_owned(),
            description: String::new(),
            membership: Membership::Standard,
            members: Vec::new(),
            is_archived: false,
        }
    }

    fn generate(index: usize, team: &[String], ids: &mut Ids) -> Self {
        let name = CHANNELS.get(index).map_or_else(|| format!("Channel {index:03}"), |name| (*name).to_owned());
        let mut channel = Self::named(&name, ids);
        if index == PRIVATE {
            channel.membership = Membership::Private;
            channel.members = team.iter().take(1).cloned().collect();
        }
        channel
    }

    pub(crate) fn is_seen_by(&self, person: &str) -> bool {
        self.membership == Membership::Standard || self.members.iter().any(|member| member == person)
    }
}
