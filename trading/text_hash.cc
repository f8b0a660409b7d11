#include "trading/text_hash.h"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <array>
#include <span>

namespace systask::trading {

std::string sha256_hex(std::string_view text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  const auto bytes = std::as_bytes(std::span{text});
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  std::string hex;
  hex.reserve(2 * digest.size());
  for (const unsigned char byte : digest)
    fmt::format_to(std::back_inserter(hex), "{:02x}", byte);
  return hex;
}

}  // namespace systask::trading
