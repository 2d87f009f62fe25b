// What a page child that somebody took over might try, each as one system call or two.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace gnosis {

// What an attempt finds; made before the seal, so that only the attempt itself can fail.
struct Surroundings {
  pid_t parent = 0;
  int socket = -1;          // connected, inherited
  int document = -1;        // a regular file with something in it, open for reading and writing
  std::string folder;       // writable, with a file "there" in it
  std::string listed_file;  // one that the file table holds
  void* page = nullptr;     // of memory, readable and writable

  std::string In(const char* name) const { return folder + "/" + name; }
};

struct EscapeAttempt {
  const char* name;
  // Whether it got what it wanted.
  bool (*try_it)(const Surroundings&);
};

const std::vector<EscapeAttempt>& EscapeAttempts();

}  // namespace gnosis
