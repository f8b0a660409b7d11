// Secrets of peers: lines `role name secret` of a file that only its owner may read.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace systask::peers {

// The secret of (role, name). Refused with SECRETS_FILE where the file is missing, open to
// others (mode 0600 is demanded) or malformed, NO_SECRET where it has no such line. Lines
// that are empty or begin with # are passed over.
Result<std::string> read_secret(const std::string& path, std::string_view role,
                                std::string_view name);

// HMAC-SHA256 of `text` with `key`, lower-case hexadecimal.
std::string hmac_sha256(std::string_view key, std::string_view text);
std::string sha256(std::string_view text);

}  // namespace systask::peers
