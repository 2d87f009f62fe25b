// Limits how often an object is written: Cloud Storage refuses more than one write a second.
//
// The life of a turn: taken (waits while another thread writes this object, and until the last
// write is long enough ago) -> Wrote() if the write changed the object -> released at the end.
// Writers of one object in one process go one after another; refused writes delay nobody.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>

#include "net/retry.h"

namespace gnosis {

class WritePacer {
 public:
  // `timing` must outlive it. A stop request ends the wait: the write must then not happen.
  WritePacer(Milliseconds interval, const Timing& timing, std::stop_token stop = {});

  class Turn {
   public:
    Turn(WritePacer& pacer, std::string key);
    ~Turn();
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    void Wrote();

   private:
    WritePacer& pacer_;
    const std::string key_;
  };

 private:
  struct Entry {
    bool is_writing = false;
    int waiting = 0;
    Time next{};  // no write before this
  };
  void Begin(const std::string& key);
  void End(const std::string& key);
  void DropOldEntries(Time now);

  const Milliseconds interval_;
  const Timing& timing_;
  const std::stop_token stop_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Entry> entries_;
};

}  // namespace gnosis
