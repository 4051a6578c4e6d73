<?php
// Verifies a webhook. PHP 8, nothing to install.

/**
 * Whether a secret signed the body less than five minutes ago.
 * $secret: whsec_…; several, separated by spaces, while one replaces another.
 * $headers: names in lower case. $body: the bytes as received, before any parsing,
 * file_get_contents('php://input').
 */
function verify(string $secret, array $headers, string $body): bool
{
    $id = $headers['webhook-id'] ?? '';
    $timestamp = $headers['webhook-timestamp'] ?? '';
    if ($id === '' || !preg_match('/^[1-9][0-9]{0,11}$/D', $timestamp)) {
        return false;
    }
    if (abs(time() - (int) $timestamp) > 300) {
        return false;
    }

    $valid = false;
    foreach (preg_split('/\s+/', $secret, -1, PREG_SPLIT_NO_EMPTY) as $word) {
        $key = base64_decode(preg_replace('/^whsec_/', '', $word), true);
        if ($key === false || $key === '') {
            continue;
        }
        $expected = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $key, true));
        foreach (explode(' ', $headers['webhook-signature'] ?? '') as $signature) {
            $valid = hash_equals($expected, $signature) || $valid;
        }
    }
    return $valid;
}

if (PHP_SAPI === 'cli') {
    $headers = [
        'webhook-id' => getenv('WEBHOOK_ID') ?: '',
        'webhook-timestamp' => getenv('WEBHOOK_TIMESTAMP') ?: '',
        'webhook-signature' => getenv('WEBHOOK_SIGNATURE') ?: '',
    ];
    $body = file_get_contents('php://stdin');
    exit(verify(getenv('WEBHOOK_SECRET') ?: '', $headers, $body) ? 0 : 1);
}
