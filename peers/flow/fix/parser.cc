// The one file that includes libquickfix, compiled as C++14.
#include "peers/flow/fix/parser.h"

#include <quickfix/Message.h>

#include <cstdlib>
#include <stdexcept>

namespace systask::peers::flow::fix {
namespace {

constexpr int kNoOrders = 73;
constexpr char kSoh = '\x01';
// Beyond what FIX and its users number. The library keeps a group's order in an array as long as
// its largest tag: a tag of nine digits takes gigabytes, or the process.
constexpr int kMostTag = 99'999;

bool is_list(const std::string& type) { return type == "E" || type == "N"; }

std::string type_of(const std::string& text) {
  const auto begin = text.find(
      "\x01"
      "35=");
  if (begin == std::string::npos) return {};
  return text.substr(begin + 4, text.find(kSoh, begin + 4) - begin - 4);
}

// Adds every tag that follows NoOrders to the group's dictionary; the first is the one that
// begins each entry.
int learn_group(const std::string& text, std::size_t at, FIX::DataDictionary& group) {
  int first = 0;
  while ((at = text.find(kSoh, at)) != std::string::npos && ++at < text.size()) {
    const int tag = std::atoi(text.c_str() + at);
    if (tag == FIX::FIELD::CheckSum) break;
    if (tag < 1 || tag > kMostTag) throw std::runtime_error("a list has a tag beyond 99999");
    if (first == 0) first = tag;
    if (!group.isField(tag)) group.addField(tag);
  }
  return first;
}

// No dictionary ships with the library, and without one the fields of groups come back
// sorted, all entries mixed. What an entry of a list may hold differs by version and by
// house, so each list brings its own dictionary: all that stands behind NoOrders.
void add_list_group(const std::string& text, const std::string& type,
                    FIX::DataDictionary& dictionary) {
  const auto begin = text.find(
      "\x01"
      "73=");
  if (begin == std::string::npos) return;
  FIX::DataDictionary group;
  const int first = learn_group(text, begin + 1, group);
  if (first != 0) dictionary.addGroup(type, kNoOrders, first, group);
}

void append(const FIX::FieldMap& map, FieldList& fields) {
  for (const FIX::FieldBase& field : map)
    fields.push_back({field.getTag(), field.getString()});
}

}  // namespace

Parsed parse(const std::string& text) {
  Parsed parsed;
  parsed.type = type_of(text);
  try {
    FIX::Message message;
    if (is_list(parsed.type)) {
      FIX::DataDictionary dictionary;
      add_list_group(text, parsed.type, dictionary);
      message.setString(text, true, &dictionary, &dictionary);
    } else {
      message.setString(text, true);
    }
    append(message.getHeader(), parsed.fields);
    append(message, parsed.fields);
    for (auto group = message.g_begin(); group != message.g_end(); ++group)
      for (const FIX::FieldMap* entry : group->second) {
        parsed.orders.emplace_back();
        append(*entry, parsed.orders.back());
      }
  } catch (const std::exception& error) {
    throw std::runtime_error(error.what());
  }
  return parsed;
}

}  // namespace systask::peers::flow::fix
