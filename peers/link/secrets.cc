#include "peers/link/secrets.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/stat.h>

#include <array>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace systask::peers {
namespace {

std::string hexadecimal(const unsigned char* bytes, std::size_t count) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * count);
  for (std::size_t i = 0; i < count; ++i) {
    text += kDigits[bytes[i] >> 4];
    text += kDigits[bytes[i] & 15];
  }
  return text;
}

Refusal bad_file(const std::string& path, const std::string& what) {
  return {"SECRETS_FILE", "the secrets file " + path + " " + what +
                              "; it needs lines `role name secret` and mode 0600 "
                              "(--secrets names another file)"};
}

}  // namespace

Result<std::string> read_secret(const std::string& path, std::string_view role,
                                std::string_view name) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return bad_file(path, "cannot be found");
  if ((status.st_mode & 077) != 0) return bad_file(path, "may be read by others than its owner");
  std::ifstream file{path};
  if (!file) return bad_file(path, "cannot be opened");
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    std::istringstream words{line};
    std::string its_role;
    std::string its_name;
    std::string secret;
    if (!(words >> its_role) || its_role.starts_with('#')) continue;
    if (!(words >> its_name >> secret))
      return bad_file(path, "has no `role name secret` in line " + std::to_string(number));
    if (its_role == role && its_name == name)
      return Result<std::string>{boost::system::in_place_value, secret};
  }
  return Refusal{"NO_SECRET", "the secrets file " + path + " has no line for " + std::string{role} +
                                  " " + std::string{name} + "; add `" + std::string{role} + " " +
                                  std::string{name} + " SECRET` to it and to the service's"};
}

std::string hmac_sha256(std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned int count = 0;
  const auto* data = reinterpret_cast<const unsigned char*>(text.data());
  if (::HMAC(::EVP_sha256(), key.data(), static_cast<int>(key.size()), data, text.size(),
             bytes.data(), &count) == nullptr)
    throw std::runtime_error("OpenSSL cannot compute an HMAC-SHA256");
  return hexadecimal(bytes.data(), count);
}

std::string sha256(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned int count = 0;
  if (::EVP_Digest(text.data(), text.size(), bytes.data(), &count, ::EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("OpenSSL cannot compute a SHA-256");
  return hexadecimal(bytes.data(), count);
}

}  // namespace systask::peers
