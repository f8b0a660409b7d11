#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "service/config/file_text.h"
#include "service/config/secrets.h"
#include "service/config/tokens.h"
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

TEST_F(SecretsFile, TakesAFileThatItsOwnerMayOnlyRead) {
  EXPECT_TRUE(Secrets::load(write("site A s3cret\n", 0400)));
}

TEST_F(SecretsFile, HasNamesThatAreIdentifiers) {
  for (const std::string name : {"-", "A\xE2\x80\xA8", "A\x1b[2J"}) {
    const auto secrets = Secrets::load(write("site " + name + " s3cret\n"));
    ASSERT_FALSE(secrets) << name;
    EXPECT_THAT(secrets.error().message, HasSubstr("secrets:1: name: found"));
  }
}

TEST(FileText, IsNoDeviceThatNeverEnds) {
  for (const char* device : {"/dev/zero", "/dev/null", "/dev/urandom"}) {
    const auto text = text_of_file(device);
    ASSERT_TRUE(text.has_error()) << device;
    EXPECT_THAT(text.error().message, HasSubstr("neither a file nor a pipe"));
  }
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

TEST_F(SecretsFile, TokensAreAsPrivateAsSecrets) {
  EXPECT_EQ(Tokens::load(write("operator desk t0ken\n")).value().caller("t0ken").value().name,
            "desk");
  EXPECT_FALSE(Tokens::load(write("t0ken\n", 0644)));
}

TEST(Tokens, OneWordIsTheTokenOfAnOperatorWithoutAName) {
  const Tokens tokens = Tokens::parse("# ours\n\n t0ken \n", "tokens").value();
  ASSERT_TRUE(tokens.asked_for());
  const auto caller = tokens.caller("t0ken");
  ASSERT_TRUE(caller);
  EXPECT_EQ(caller->name, "");
  EXPECT_EQ(caller->role, Caller::Role::kOperator);
  for (const char* wrong : {"", "t", "t0ke", "t0kenn", "T0ken", "t0kent0ken"})
    EXPECT_FALSE(tokens.caller(wrong)) << wrong;
}

TEST(Tokens, EachHasANameAndARole) {
  const Tokens tokens = Tokens::parse("viewer wall aaa\noperator desk bbb\n", "tokens").value();
  EXPECT_EQ(tokens.caller("aaa")->role, Caller::Role::kViewer);
  EXPECT_EQ(tokens.caller("aaa")->name, "wall");
  EXPECT_EQ(tokens.caller("bbb")->role, Caller::Role::kOperator);
  EXPECT_FALSE(tokens.caller("ccc"));
}

TEST(Tokens, NamesTheLineThatIsWrongAndNeverTheToken) {
  for (const std::string bad : {"t0ken", "viewer wall", "king wall x", "viewer wall x more",
                                "viewer desk x", "viewer wall s3cret"}) {
    const auto tokens = Tokens::parse("operator desk s3cret\n" + bad + "\n", "tokens");
    ASSERT_FALSE(tokens) << bad;
    EXPECT_THAT(tokens.error().message, HasSubstr("tokens:2: "));
    EXPECT_EQ(tokens.error().message.find("s3cret"), std::string::npos);
  }
  EXPECT_THAT(Tokens::parse("one\nviewer wall x\n", "tokens").error().message,
              HasSubstr("tokens:2: a token without role and name"));
  EXPECT_THAT(Tokens::parse("# nothing\n", "tokens").error().message, HasSubstr("no token"));
}

}  // namespace
}  // namespace systask::service
