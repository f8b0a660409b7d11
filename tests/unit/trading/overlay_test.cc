#include "trading/overlay.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace systask::trading {
namespace {

using Words = Overlay<int, std::string>;

std::string word(const Words& words, int key) {
  const std::string* const found = words.find(key);
  return found == nullptr ? "-" : *found;
}

std::map<int, std::string> seen(const Words& words) {
  std::map<int, std::string> all;
  words.for_each([&](int key, const std::string& value) {
    EXPECT_TRUE(all.emplace(key, value).second) << "told twice: " << key;
  });
  return all;
}

Words loaded() {
  Words words;
  words.load({{1, "one"}, {2, "two"}});
  return words;
}

TEST(Overlay, ADroppedCommandLeavesTheBatch) {
  Words words = loaded();
  words.edit(1) = "uno";
  words.keep();
  words.edit(1) = "eins";
  words.put(3, "drei");
  words.erase(2);
  EXPECT_EQ(word(words, 1) + word(words, 2) + word(words, 3), "eins-drei");
  words.drop();
  EXPECT_EQ(word(words, 1) + word(words, 2) + word(words, 3), "unotwo-");
  EXPECT_EQ(words.committed().at(1), "one");
  words.commit();
  EXPECT_EQ(words.committed().at(1), "uno");
}

TEST(Overlay, AnAbandonedBatchLeavesTheBase) {
  Words words = loaded();
  words.put(3, "three");
  words.erase(1);
  words.keep();
  words.edit(2) = "zwei";
  words.abandon();
  EXPECT_EQ(seen(words), (std::map<int, std::string>{{1, "one"}, {2, "two"}}));
}

TEST(Overlay, AnErasedValueMayComeBack) {
  Words words = loaded();
  words.erase(1);
  words.keep();
  EXPECT_EQ(word(words, 1), "-");
  words.put(1, "again");
  EXPECT_EQ(word(words, 1), "again");
  words.keep();
  words.erase(2);
  words.keep();
  words.commit();
  EXPECT_EQ(seen(words), (std::map<int, std::string>{{1, "again"}}));
}

TEST(Overlay, EveryLayerIsSeenOnce) {
  Words words = loaded();
  words.edit(1) = "batch";
  words.put(3, "batch");
  words.keep();
  words.edit(1) = "command";
  words.put(4, "command");
  words.erase(3);
  EXPECT_EQ(seen(words), (std::map<int, std::string>{{1, "command"}, {2, "two"}, {4, "command"}}));
}

}  // namespace
}  // namespace systask::trading
