// The main of a fuzzer where there is no libFuzzer: tries each file of the folders named, which
// must not be empty, and fails where the fuzzer does.
#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv) {
  std::size_t tried = 0;
  for (int i = 1; i < argc; ++i)
    for (const auto& entry : std::filesystem::directory_iterator{argv[i]}) {
      std::ifstream file{entry.path(), std::ios::binary};
      const std::vector<char> text{std::istreambuf_iterator<char>{file}, {}};
      const std::vector<std::uint8_t> bytes{text.begin(), text.end()};
      fmt::print("{}\n", entry.path().string());
      LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
      ++tried;
    }
  fmt::print("{} inputs tried\n", tried);
  return tried > 0 ? 0 : 1;
}
