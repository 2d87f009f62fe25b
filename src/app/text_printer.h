// Page texts on standard output in page order, each as soon as all before it are there.
#pragma once

#include <string>

#include "app/home.h"
#include "base/result.h"
#include "session/keys.h"

namespace gnosis {

// A form feed stands between pages, also between those of two files.
class TextPrinter {
 public:
  enum class Position { kFirstFile, kLaterFile };
  TextPrinter(Home& home, SessionKey session, Position position);
  Status PrintNew();

 private:
  Status Print(std::string text);

  Home& home_;
  const SessionKey session_;
  bool first_page_;
  int last_page_ = 0;
};

}  // namespace gnosis
