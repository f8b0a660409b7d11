// The challenge of a login and its proof (docs/protocol.md, section 2).
#pragma once

#include <string>
#include <string_view>

namespace systask::service {

// 64 hexadecimal digits that nobody can guess.
std::string new_challenge();

// HMAC-SHA256 of "CHALLENGE:ROLE:NAME" under the secret, in lower-case hexadecimal.
std::string proof_of(std::string_view challenge, std::string_view role, std::string_view name,
                     std::string_view secret);

// Compares in a time that does not depend on where they differ.
bool same_proof(std::string_view expected, std::string_view given);

}  // namespace systask::service
