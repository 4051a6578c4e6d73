# Verifies a webhook. Ruby 3 or newer, nothing to install.
require "openssl"

# Whether a secret signed the body less than five minutes ago.
# secret: whsec_…; several, separated by spaces, while one replaces another.
# headers: names in lower case. body: the bytes as received, before any parsing;
# in Rails request.raw_post, in Sinatra request.body.read.
def verify(secret, headers, body)
  id = headers["webhook-id"].to_s
  timestamp = headers["webhook-timestamp"].to_s
  return false if id.empty? || !timestamp.match?(/\A[1-9][0-9]{0,11}\z/)
  return false if (Time.now.to_i - timestamp.to_i).abs > 300

  valid = false
  signed = "#{id}.#{timestamp}.".b + body.b
  secret.split.each do |word|
    key = word.delete_prefix("whsec_").unpack1("m")
    next if key.empty?

    expected = "v1," + [OpenSSL::HMAC.digest("SHA256", key, signed)].pack("m0")
    headers["webhook-signature"].to_s.split.each do |signature|
      valid |= OpenSSL.secure_compare(signature, expected)
    end
  end
  valid
end

if $PROGRAM_NAME == __FILE__
  headers = %w[webhook-id webhook-timestamp webhook-signature].to_h do |name|
    [name, ENV[name.upcase.tr("-", "_")]]
  end
  exit verify(ENV.fetch("WEBHOOK_SECRET", ""), headers, $stdin.binmode.read)
end
