//! The permissions that Slack knows, in the words of its consent page.

/// Permissions of bots and of people, as far as anything here asks for them.
const SCOPES: [(&str, &str); 34] = [
    ("app_mentions:read", "View messages that directly mention the app"),
    ("bookmarks:read", "List bookmarks"),
    ("channels:history", "View messages and other content in public channels that the app has been added to"),
    ("channels:join", "Join public channels in a workspace"),
    ("channels:manage", "Manage public channels that the app has been added to and create new ones"),
    ("channels:read", "View basic information about public channels in a workspace"),
    ("chat:write", "Send messages as the app"),
    ("chat:write.customize", "Send messages as the app with a customized username and avatar"),
    ("chat:write.public", "Send messages to channels the app isn't a member of"),
    ("commands", "Add shortcuts and/or slash commands that people can use"),
    ("emoji:read", "View custom emoji in a workspace"),
    ("files:read", "View files shared in channels and conversations that the app has been added to"),
    ("files:write", "Upload, edit, and delete files as the app"),
    ("groups:history", "View messages and other content in private channels that the app has been added to"),
    ("groups:read", "View basic information about private channels that the app has been added to"),
    ("groups:write", "Manage private channels that the app has been added to and create new ones"),
    ("im:history", "View messages and other content in direct messages that the app has been added to"),
    ("im:read", "View basic information about direct messages that the app has been added to"),
    ("im:write", "Start direct messages with people"),
    ("incoming-webhook", "Post messages to specific channels in Slack"),
    ("links:read", "View certain URLs in messages"),
    ("links:write", "Show previews of certain URLs in messages"),
    ("metadata.message:read", "Allows the app to read message metadata in channels that it has been added to"),
    ("mpim:history", "View messages and other content in group direct messages that the app has been added to"),
    ("mpim:read", "View basic information about group direct messages that the app has been added to"),
    ("mpim:write", "Start group direct messages with people"),
    ("pins:read", "View pinned content in channels and conversations that the app has been added to"),
    ("reactions:read", "View emoji reactions and their associated content"),
    ("reactions:write", "Add and edit emoji reactions"),
    ("team:read", "View the name, email domain, and icon for workspaces the app is connected to"),
    ("usergroups:read", "View user groups in a workspace"),
    ("users.profile:read", "View profile details about people in a workspace"),
    ("users:read", "View people in a workspace"),
    ("users:read.email", "View email addresses of people in a workspace"),
];

/// What the consent page says of a permission, if Slack knows it.
pub(crate) fn sentence(scope: &str) -> Option<&'static str> {
    SCOPES.iter().find(|(name, _)| *name == scope).map(|(_, sentence)| *sentence)
}

/// The scopes of a parameter: with commas between them, as Slack wants it.
pub(crate) fn split(list: &str) -> Vec<String> {
    let mut scopes: Vec<String> = Vec::new();
    for scope in list.split(',').map(str::trim).filter(|scope| !scope.is_empty()) {
        if !scopes.iter().any(|known| known == scope) {
            scopes.push(scope.to_owned());
        }
    }
    scopes
}
