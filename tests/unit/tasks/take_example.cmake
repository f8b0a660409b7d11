# Takes the blocks of C++ and the registering line out of docs/writing-a-task.md, so that a
# test compiles what the page shows. -DPAGE=... -DOUTPUT=... (a directory)
file(READ "${PAGE}" page)

# The text between the line "```<language>" and the next "```".
function(take_block language variable)
  string(FIND "${page}" "```${language}\n" begin)
  if(begin EQUAL -1)
    message(FATAL_ERROR "${PAGE} has no block of ${language}")
  endif()
  string(SUBSTRING "${page}" ${begin} -1 rest)
  string(FIND "${rest}" "\n" first_line)
  math(EXPR first_line "${first_line} + 1")
  string(SUBSTRING "${rest}" ${first_line} -1 rest)
  string(FIND "${rest}" "```" end)
  string(SUBSTRING "${rest}" 0 ${end} text)
  set(${variable} "${text}" PARENT_SCOPE)
endfunction()

take_block(cpp task)
take_block(text line)
file(WRITE "${OUTPUT}/watch_lunch.cc" "${task}")
file(WRITE "${OUTPUT}/page/example_line.inc" "${line}")
