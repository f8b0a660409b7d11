// An InputFile is a recording that can be read from its beginning again and again, whatever the
// command line named. Standard input ("-") and named pipes give what they have only once, so they
// are copied, to their end, into a file without a name, which is gone with the process.
//
// A value of one thread; what reads the file must not outlive it.
#pragma once

#include <string>
#include <utility>

#include "peers/flow/text_file.h"

namespace systask::peers::flow {

class InputFile {
 public:
  // Waits for the end of what is piped in. Throws std::runtime_error, saying what to do, where it
  // cannot be opened, read or copied. An empty path is no file.
  explicit InputFile(const std::string& path);
  InputFile(InputFile&& other) noexcept
      : name_(std::move(other.name_)), copy_(std::exchange(other.copy_, -1)) {}
  InputFile& operator=(InputFile&&) = delete;
  ~InputFile();

  // Where it is read: also by children of this process, while it lives.
  [[nodiscard]] const FileName& name() const { return name_; }

 private:
  FileName name_;
  int copy_ = -1;
};

}  // namespace systask::peers::flow
