// The mode of files that the service makes: the database, its backups, metrics. Set once, before
// other threads make files.
#pragma once

#include <string>

namespace systask {

// 0600 until it is set. Only the rights of reading and writing count.
void set_new_file_mode(unsigned mode);

// Makes an empty file of that mode where there is none. Whoever opens it then says what is wrong,
// where that failed.
void make_file(const std::string& path);

}  // namespace systask
