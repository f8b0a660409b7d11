// Maps and sets as JSON text in one column: readable in the database's shell, and written
// without building a tree, since a plan's row is written with every message. Pure.
#pragma once

#include <map>
#include <set>
#include <string>

namespace systask::db {

[[nodiscard]] std::string to_text(const std::map<std::string, std::string>& values);
[[nodiscard]] std::string to_text(const std::set<std::string>& values);

// Throw std::runtime_error, with the text, where it is not what to_text() writes. A number
// or a boolean put in by hand is taken as its text.
[[nodiscard]] std::map<std::string, std::string> map_from_text(const std::string& text);
[[nodiscard]] std::set<std::string> set_from_text(const std::string& text);

}  // namespace systask::db
