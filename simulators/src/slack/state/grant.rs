//! How tokens come and go: installing, refreshing, revoking, uninstalling.
//!
//! Without rotation a workspace has one bot token, and installing again gives the same one. With rotation every
//! installation and every refresh gives a new pair; the refresh token works once, and two access tokens live at most.

use super::{Install, Refresh, State, Token, TokenStatus};

/// How long a rotating token lives: twelve hours.
pub(crate) const ROTATING_LIFE_S: i64 = 43_200;
/// Access tokens of one installation that live side by side when they rotate.
const LIVE_AT_ONCE: usize = 2;

impl State {
    /// Installs the app, or installs it again: the scopes become those granted now. Gives the bot's token.
    pub(crate) fn install(&mut self, account: &str, user: &str, scopes: &[String]) -> Token {
        let (bot_user, bot) = match self.installs.get(account) {
            Some(install) => (install.bot_user.clone(), install.bot.clone()),
            None => (self.ids.next("U"), self.ids.next("B")),
        };
        let install = Install {
            account: account.to_owned(),
            scopes: scopes.to_vec(),
            bot_user,
            bot,
            installed_by: user.to_owned(),
            is_active: true,
        };
        self.installs.insert(account.to_owned(), install.clone());
        if self.app.token_rotation {
            return self.rotate(&install);
        }
        let kept = self.tokens.iter_mut().find(|token| {
            token.is_bot
                && token.account == account
                && token.status == TokenStatus::Live
                && token.expires_at_ms.is_none()
        });
        if let Some(token) = kept {
            token.scopes = scopes.to_vec();
            return token.clone();
        }
        let value = format!("xoxb-{}", self.token_text(account));
        self.keep(bot_token(&install, value, None, None))
    }

    /// A token that acts as a person. The same person has one.
    pub(crate) fn grant_user(&mut self, account: &str, user: &str, scopes: &[String]) -> Token {
        let is_theirs = |token: &&mut Token| {
            !token.is_bot && token.account == account && token.user == user && token.status == TokenStatus::Live
        };
        if let Some(token) = self.tokens.iter_mut().find(is_theirs) {
            token.scopes = scopes.to_vec();
            return token.clone();
        }
        let value = format!("xoxp-{}", self.token_text(account));
        self.keep(Token {
            value,
            account: account.to_owned(),
            user: user.to_owned(),
            is_bot: false,
            scopes: scopes.to_vec(),
            expires_at_ms: None,
            refresh_token: None,
            status: TokenStatus::Live,
        })
    }

    /// A new pair of access and refresh token; refresh tokens given before are spent.
    pub(crate) fn rotate(&mut self, install: &Install) -> Token {
        for refresh in self.refreshes.values_mut().filter(|refresh| refresh.account == install.account) {
            refresh.spent = true;
        }
        let refresh_token = format!("xoxe-1-{}", self.ids.secret());
        let refresh = Refresh { account: install.account.clone(), spent: false };
        self.refreshes.insert(refresh_token.clone(), refresh);
        let value = format!("xoxe.xoxb-1-{}", self.token_text(&install.account));
        let expires_at_ms = self.now_ms() + ROTATING_LIFE_S * 1000;
        let token = self.keep(bot_token(install, value, Some(expires_at_ms), Some(refresh_token)));
        let live = self
            .tokens
            .iter_mut()
            .rev()
            .filter(|token| token.is_bot && token.account == install.account && token.status == TokenStatus::Live);
        live.skip(LIVE_AT_ONCE).for_each(|token| token.status = TokenStatus::Revoked);
        token
    }

    /// Ends every token of an installation, refresh tokens too, with the status that is given.
    pub(crate) fn end_tokens(&mut self, account: &str, status: TokenStatus) {
        for token in self.tokens.iter_mut().filter(|token| token.account == account) {
            if token.status == TokenStatus::Live || status == TokenStatus::Uninstalled {
                token.status = status;
            }
        }
        for refresh in self.refreshes.values_mut().filter(|refresh| refresh.account == account) {
            refresh.spent = true;
        }
    }

    /// Takes the app out of a workspace or organization, its bot out of the channels.
    pub(crate) fn uninstall(&mut self, account: &str) {
        self.end_tokens(account, TokenStatus::Uninstalled);
        if let Some(install) = self.installs.get_mut(account) {
            install.is_active = false;
        }
        let teams: Vec<String> = self.teams_of(account).map(|team| team.id.clone()).collect();
        for team in teams {
            let other = self.install_for(&team).is_some_and(|install| install.is_active);
            for channel in self.team_mut(&team).filter(|_| !other).into_iter().flat_map(|team| team.channels_mut()) {
                channel.has_bot = false;
            }
        }
    }

    fn token_text(&mut self, account: &str) -> String {
        format!("{}-{}-{}", account.trim_start_matches(char::is_alphabetic), self.ids.count("token"), self.ids.secret())
    }

    fn keep(&mut self, token: Token) -> Token {
        self.tokens.push(token.clone());
        token
    }
}

fn bot_token(install: &Install, value: String, expires_at_ms: Option<i64>, refresh_token: Option<String>) -> Token {
    Token {
        value,
        account: install.account.clone(),
        user: install.bot_user.clone(),
        is_bot: true,
        scopes: install.scopes.clone(),
        expires_at_ms,
        refresh_token,
        status: TokenStatus::Live,
    }
}
