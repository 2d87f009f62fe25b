// For tests: opens each document at once, in the thread that asks.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "task/inspection_pool.h"

namespace gnosis {

class DirectInspections final : public InspectionPool {
 public:
  explicit DirectInspections(PageReader& reader) : reader_(reader) {}
  Result<std::unique_ptr<Inspection>> Start(const std::string&, FileDescriptor document,
                                            std::string password, Done done) override {
    auto info = reader_.Open(document, password);
    reader_.Close();
    done(std::move(info));
    return std::make_unique<Inspection>();
  }
  void Stop() override {}

 private:
  PageReader& reader_;
};

}  // namespace gnosis
