#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "service/config/secrets.h"
#include "tests/support/scratch_folder.h"

namespace systask::service {
namespace {

using ::testing::HasSubstr;

// A file of its own that goes away with the test.
class SecretsFile : public ::testing::Test {
 protected:
  std::string write(const std::string& text, unsigned mode = 0600) {
    std::ofstream{path_} << text;
    std::filesystem::permissions(path_, static_cast<std::filesystem::perms>(mode));
    return path_;
  }

  const ScratchFolder folder_;
  const std::string path_ = folder_.file("secrets");
};

TEST_F(SecretsFile, AnswersByRoleAndName) {
  const auto secrets = Secrets::load(write("# peers\n\nsite A s3cret\norder_system flow other\n"));
  ASSERT_TRUE(secrets) << secrets.error().message;
  EXPECT_EQ(secrets->lookup("site", "A"), "s3cret");
  EXPECT_EQ(secrets->lookup("client", "A"), std::nullopt);
  EXPECT_EQ(secrets->size(), 2U);
}

TEST_F(SecretsFile, RefusesAFileThatOthersMayRead) {
  const std::string file = write("site A s3cret\n", 0640);
  const auto secrets = Secrets::load(file);
  ASSERT_FALSE(secrets);
  EXPECT_EQ(secrets.error().code, "BAD_SECRETS");
  EXPECT_THAT(secrets.error().message, HasSubstr("mode 0640"));
  EXPECT_THAT(secrets.error().message, HasSubstr("chmod 600 " + file));
}

TEST_F(SecretsFile, NamesTheLineThatIsWrongAndNeverTheSecret) {
  for (const std::string bad : {"site A", "site A s3cret more", "king A s3cret", "site B x"}) {
    const auto secrets = Secrets::load(write("site B s3cret\n" + bad + "\n"));
    ASSERT_FALSE(secrets) << bad;
    EXPECT_THAT(secrets.error().message, HasSubstr(path_ + ":2: "));
    EXPECT_EQ(secrets.error().message.find("s3cret"), std::string::npos);
  }
}

TEST_F(SecretsFile, RefusesWhatIsNotThere) {
  const auto secrets = Secrets::load("/nonexistent/service.secrets");
  ASSERT_FALSE(secrets);
  EXPECT_THAT(secrets.error().message, HasSubstr("/nonexistent/service.secrets"));
}

TEST_F(SecretsFile, HoldsOneTokenForHttp) {
  EXPECT_EQ(load_token(write("t0ken\n")).value(), "t0ken");
  EXPECT_FALSE(load_token(write("two words\n")));
  EXPECT_FALSE(load_token(write("t0ken\n", 0644)));
}

}  // namespace
}  // namespace systask::service
