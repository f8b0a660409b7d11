#include "peers/link/secrets.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "tests/support/scratch_folder.h"

namespace systask::peers {
namespace {

class SecretsFile : public ::testing::Test {
 protected:
  void write(const std::string& text, mode_t mode) {
    std::ofstream{path_} << text;
    ASSERT_EQ(::chmod(path_.c_str(), mode), 0);
  }

  const ScratchFolder folder_;
  const std::string path_ = folder_.file("secrets");
};

// Test case 2 of RFC 4231.
TEST(Hmac, IsThatOfTheRfc) {
  EXPECT_EQ(hmac_sha256("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST_F(SecretsFile, GivesTheSecretOfARoleAndName) {
  write("# ours\n\nsite A alpha\nclient A other\nsite B beta\n", 0600);
  EXPECT_EQ(*read_secret(path_, "site", "B"), "beta");
  EXPECT_EQ(*read_secret(path_, "client", "A"), "other");
  EXPECT_EQ(read_secret(path_, "site", "C").error().code, "NO_SECRET");
}

TEST_F(SecretsFile, MustBeItsOwnersAlone) {
  write("site A alpha\n", 0640);
  EXPECT_EQ(read_secret(path_, "site", "A").error().code, "SECRETS_FILE");
}

TEST_F(SecretsFile, MustBeThereAndWellFormed) {
  EXPECT_EQ(read_secret(path_ + ".none", "site", "A").error().code, "SECRETS_FILE");
  write("site A\n", 0600);
  const auto refused = read_secret(path_, "site", "A");
  EXPECT_EQ(refused.error().code, "SECRETS_FILE");
  EXPECT_NE(refused.error().message.find("line 1"), std::string::npos);
}

}  // namespace
}  // namespace systask::peers
