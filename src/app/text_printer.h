// Prints page texts on standard output in page order, each as soon as all earlier ones are
// available.
#pragma once

#include <string>

#include "app/home.h"
#include "app/standard_output.h"
#include "base/result.h"
#include "session/keys.h"

namespace gnosis {

// Form feeds separate pages, including those of different files.
class TextPrinter {
 public:
  enum class Position { kFirstFile, kLaterFile };
  // `home` and `output` must outlive it.
  TextPrinter(Home& home, StandardOutput& output, SessionKey session, Position position);
  // Errors of StandardOutput::Write, and of reading the results.
  Status PrintNew();

 private:
  Status Print(std::string text);

  Home& home_;
  StandardOutput& output_;
  const SessionKey session_;
  bool first_page_;
  int last_page_ = 0;
};

}  // namespace gnosis
