// The site's own record of what it did, for a judge who believes neither side: whole
// lines, appended with one write(2) at each flush, so that a killed process loses only
// what it had not flushed. The site flushes before it acknowledges.
//
//   S session resumed            a login
//   R plan epoch snapshot skipped  a claim won: rebuilt as of `snapshot`
//   E plan epoch seq topic message_id  an order event applied ("-": it had no id)
//   K plan epoch seq             a skip
//   C plan epoch seq topic       a client's change applied, or the plan's start
//   F plan epoch last status     a finish was answered
//   X plan epoch                 the plan was dropped
//   O plan epoch algo_ordid quantity  a place was answered
//   D plan epoch last digest     asked for by SIGUSR1, then one line ". end"
//
// One thread. Without a path it records nothing.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace systask::peers {

class Trace {
 public:
  // Throws std::system_error, naming the file, where it cannot be opened.
  explicit Trace(const std::string& path);
  ~Trace();
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;

  // Whatever a line may be made of, as it is.
  // NOLINTBEGIN(google-explicit-constructor)
  struct Word {
    Word(std::string_view text_) : text(text_) {}
    Word(const std::string& text_) : text(text_) {}
    Word(const char* text_) : text(text_) {}
    Word(std::int64_t number_) : number(number_), is_number(true) {}
    std::string_view text;
    std::int64_t number = 0;
    bool is_number = false;
  };
  // NOLINTEND(google-explicit-constructor)
  void line(char kind, std::initializer_list<Word> words);
  // Throws std::system_error where the file cannot be written.
  void flush();

 private:
  std::string path_;
  int file_ = -1;
  std::string waiting_;
};

}  // namespace systask::peers
