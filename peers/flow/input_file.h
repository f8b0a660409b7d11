// An InputFile is a recording that can be read from its beginning again and again, whatever the
// command line named. Standard input ("-") and named pipes give what they have only once, so they
// are copied, to their end, into a file without a name, which is gone with the process. What has no
// end is given up at kMostPiped, before it fills the disk.
//
// A value of one thread; what reads the file must not outlive it.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include "peers/flow/text_file.h"

namespace systask::peers::flow {

class InputFile {
 public:
  static constexpr std::size_t kMostPiped = std::size_t{1} << 30U;  // bytes: a long day, zipped

  // Waits for the end of what is piped in. Throws std::runtime_error, saying what to do, where it
  // cannot be opened, read or copied, or a pipe has more than `most` bytes. An empty path is no
  // file.
  explicit InputFile(const std::string& path, std::size_t most = kMostPiped);
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
