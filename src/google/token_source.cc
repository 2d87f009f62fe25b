#include "google/token_source.h"

namespace gnosis {
namespace {

class NoTokens final : public TokenSource {
 public:
  Result<std::string> AccessToken() override { return std::string(); }
  void Forget(const std::string&) override {}
};

}  // namespace

std::unique_ptr<TokenSource> NewNoTokens() { return std::make_unique<NoTokens>(); }

}  // namespace gnosis
