# Writes OUTPUT, a C++ file that holds the scripts SCRIPTS (paths, ascending), so that the
# program needs no file at run time. Run by the build: cmake -DOUTPUT=… -DSCRIPTS=… -P.
set(rows "")
set(count 0)
foreach(script IN LISTS SCRIPTS)
  file(READ ${script} text)
  get_filename_component(name ${script} NAME)
  string(REGEX MATCH "^[0-9]+" digits ${name})
  math(EXPR version "${digits}" OUTPUT_FORMAT DECIMAL)
  string(APPEND rows "    Script{${version}, \"${name}\", R\"sql(${text})sql\"},\n")
  math(EXPR count "${count} + 1")
endforeach()
file(WRITE ${OUTPUT}
"#include <array>

#include \"db/schema.h\"

namespace systask::db {
namespace {

constexpr std::array<Script, ${count}> kScripts{{
${rows}}};

}  // namespace

std::span<const Script> scripts() { return kScripts; }

}  // namespace systask::db
")
