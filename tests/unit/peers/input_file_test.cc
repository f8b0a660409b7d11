#include "peers/flow/input_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "peers/flow/recording.h"
#include "tests/support/scratch_folder.h"
#include "tests/unit/peers/fix_log.h"

namespace systask::peers::flow {
namespace {

using testing::HasSubstr;

class InputFileTest : public testing::Test {
 protected:
  // Whatever the file holds, through a named pipe.
  InputFile piped(const std::string& file, std::size_t most = InputFile::kMostPiped) const {
    const std::string pipe = folder_.file("pipe");
    std::filesystem::remove(pipe);
    EXPECT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    std::thread writer{[&] {
      std::ostringstream text;
      text << std::ifstream{file, std::ios::binary}.rdbuf();
      std::ofstream{pipe, std::ios::binary} << text.str();
    }};
    const std::unique_ptr<std::thread, void (*)(std::thread*)> joined{
        &writer, [](std::thread* one) { one->join(); }};
    return InputFile{pipe, most};
  }
  static std::int64_t reports_in(const InputFile& input) {
    ReplayOptions how;
    how.path = input.name().path;
    how.shown = input.name().shown;
    return survey(how).reports;
  }
  [[nodiscard]] std::string zipped(const std::string& name, const std::string& text) const {
    const std::string path = folder_.file(name);
    gzFile file = ::gzopen(path.c_str(), "wb");
    ::gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
    ::gzclose(file);
    return path;
  }
  [[nodiscard]] std::string plain(const std::string& name, const std::string& text) const {
    std::ofstream{folder_.file(name), std::ios::binary} << text;
    return folder_.file(name);
  }

  const ScratchFolder folder_;
};

TEST_F(InputFileTest, AFileIsReadWhereItIs) {
  const std::string path = plain("a.csv", "x");
  EXPECT_EQ(InputFile{path}.name().path, path);
  EXPECT_EQ(InputFile{""}.name().path, "");
}

TEST_F(InputFileTest, APipeLosesNothingAndIsReadAsOftenAsIsNeeded) {
  std::string rows = "t_us,order,event,side,price,qty\n";
  std::string log;
  for (int order = 0; order < 3000; ++order) {  // more than a pipe holds
    rows += std::to_string(order) + "," + std::to_string(order) + ",A,B,10.25,5\n";
    log += fix::message(fix::buy(std::to_string(order))) + "\n";
  }
  for (const std::string& file : {plain("a.csv", rows), zipped("b.csv.gz", rows)}) {
    const InputFile input = piped(file);
    EXPECT_EQ(reports_in(input), 6000) << file;
    EXPECT_EQ(reports_in(input), 6000) << "from its beginning again";
    EXPECT_THAT(input.name().shown, HasSubstr("pipe"));
  }
  for (const std::string& file : {plain("a.log", log), zipped("b.log.gz", log)})
    EXPECT_EQ(reports_in(piped(file)), 3000) << file;
}

TEST_F(InputFileTest, APipeWithoutAnEndIsGivenUp) {
  constexpr std::size_t kMost = 100'000;
  EXPECT_NO_THROW(piped(plain("a.csv", std::string(kMost, 'y')), kMost));
  try {
    piped(plain("a.csv", std::string(kMost + 1, 'y')), kMost);
    FAIL() << "it was copied";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("pipe has more than 100000 bytes and was given up"));
  }
}

TEST_F(InputFileTest, WhatCannotBeReadIsNamed) {
  const auto why = [](const std::string& path) -> std::string {
    try {
      const InputFile input{path};
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "it was taken";
  };
  EXPECT_THAT(why(folder_.file("none")), HasSubstr("none cannot be opened: No such file"));
  EXPECT_THAT(why(folder_.file("")), HasSubstr("is a directory"));
}

}  // namespace
}  // namespace systask::peers::flow
