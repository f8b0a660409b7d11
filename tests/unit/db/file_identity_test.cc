#include "db/file_identity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "db/database.h"
#include "db/statement.h"
#include "db/write_probe.h"
#include "tests/support/scratch_folder.h"

namespace systask::db {
namespace {

using testing::HasSubstr;

class FileIdentityTest : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) const {
    std::ofstream{folder_.file(name)} << text;
  }
  const ScratchFolder folder_;
};

TEST_F(FileIdentityTest, KnowsTheFileWhateverIsInIt) {
  write("a", "one");
  const FileIdentity identity{folder_.file("a")};
  EXPECT_FALSE(identity.changed());
  write("a", "another text");
  EXPECT_FALSE(identity.changed());
  EXPECT_FALSE(FileIdentity{folder_.file("none")}.changed()) << "there was none";
}

TEST_F(FileIdentityTest, SeesThatItIsGoneOrAnother) {
  write("a", "one");
  const FileIdentity identity{folder_.file("a")};
  std::filesystem::rename(folder_.file("a"), folder_.file("b"));
  EXPECT_THAT(identity.changed().value_or(""), HasSubstr("was deleted or moved"));
  write("a", "one");
  EXPECT_THAT(identity.changed().value_or(""), HasSubstr("is another one"));
  std::filesystem::rename(folder_.file("b"), folder_.file("a"));
  EXPECT_FALSE(identity.changed()) << "the right one is back";
}

TEST_F(FileIdentityTest, ADatabaseIsItsFileAndItsLog) {
  const auto database = Database::open(folder_.url()).value();
  EXPECT_FALSE(database->moved());
  const std::string log = database->path() + "-wal";
  ASSERT_TRUE(std::filesystem::exists(log));
  std::filesystem::rename(log, folder_.file("aside"));
  EXPECT_THAT(database->moved().value_or(""), HasSubstr("-wal was deleted or moved"));
  std::filesystem::rename(folder_.file("aside"), log);
  EXPECT_FALSE(database->moved());
  std::filesystem::rename(database->path(), folder_.file("aside"));
  EXPECT_THAT(database->moved().value_or(""), HasSubstr("test.db was deleted or moved"));
}

TEST_F(FileIdentityTest, AProbeWritesOneRowAndSaysWhenItCannot) {
  struct Count {
    explicit Count(soci::session& sql)
        : rows(sql, "select count(*), max(written_us) from tstp_writeprobe") {}
    Query<Params<>, std::int64_t, std::int64_t> rows;
  };
  const auto database = Database::open(folder_.url()).value();
  WriteProbe probe{*database};
  probe.write(from_micros(1));
  probe.write(from_micros(2));
  database->readers().lease().prepared<Count>().rows.run([](std::int64_t rows, std::int64_t at) {
    EXPECT_EQ(rows, 1);
    EXPECT_EQ(at, 2);
  });
  database->writer().lease(Urgency::kNormal).connection().run_script("pragma query_only = on");
  EXPECT_THROW(probe.write(from_micros(3)), std::exception);
  database->writer().lease(Urgency::kNormal).connection().run_script("pragma query_only = off");
  probe.write(from_micros(4));
}

}  // namespace
}  // namespace systask::db
