#include "app/output_names.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <utility>

#include "api/fold_case.h"

namespace gnosis {
namespace {

using Path = std::filesystem::path;
using Indices = std::vector<size_t>;

std::string Folded(const Path& path) { return FoldCase(path.string()); }

std::vector<Indices> OfOneName(const Indices& documents, const std::vector<Path>& names) {
  std::map<std::string, Indices> groups;
  for (const size_t i : documents) groups[Folded(names[i])].push_back(i);
  std::vector<Indices> several;
  for (auto& [name, group] : groups) {
    if (group.size() > 1) several.push_back(std::move(group));
  }
  return several;
}

Path CommonFolder(const Path& a, const Path& b) {
  Path common;
  for (auto left = a.begin(), right = b.begin();
       left != a.end() && right != b.end() && *left == *right; ++left, ++right) {
    common /= *left;
  }
  return common;
}

class Namer {
 public:
  Namer(const std::vector<DocumentPlace>& documents, const std::vector<std::string>& endings)
      : documents_(documents), endings_(endings) {}

  std::vector<Path> Name() {
    Indices all(documents_.size());
    std::iota(all.begin(), all.end(), size_t{0});
    for (const DocumentPlace& document : documents_) {
      names_.push_back(document.folder / document.file.stem());
    }
    for (const Indices& group : OfOneName(all, names_)) TellApart(group);
    NumberTheRest(std::move(all));
    return std::move(names_);
  }

 private:
  // By their folders, from the point where these differ; in the same folder by the whole file name.
  void TellApart(const Indices& group) {
    of_one_stem_.insert(group.begin(), group.end());
    Path common = documents_[group.front()].file.parent_path();
    bool one_folder = true;
    for (const size_t i : group) {
      const Path folder = documents_[i].file.parent_path();
      one_folder = one_folder && folder == common;
      common = CommonFolder(common, folder);
    }
    std::vector<Path> folders(documents_.size());
    for (const size_t i : group) {
      folders[i] = one_folder ? documents_[i].folder
                              : documents_[i].file.parent_path().lexically_relative(common);
      if (folders[i] == ".") folders[i].clear();
      names_[i] = folders[i] / documents_[i].file.stem();
    }
    for (const Indices& same : OfOneName(group, names_)) {
      for (const size_t i : same) names_[i] = folders[i] / documents_[i].file.filename();
    }
  }

  // Remaining conflicts are resolved by numbers, in the order of the paths. A name that no other
  // file claims is never taken, nor that of a unique stem.
  void NumberTheRest(Indices all) {
    std::map<std::string, int> wanted;
    for (const Path& name : names_) {
      for (const std::string& target : TargetsOf(name)) ++wanted[target];
      for (Path folder = name.parent_path(); !folder.empty(); folder = folder.parent_path()) {
        folders_.insert(Folded(folder));
      }
    }
    const auto is_contested = [&](const Path& name) {
      const auto targets = TargetsOf(name);
      return std::any_of(targets.begin(), targets.end(), [&](const std::string& target) {
        return wanted.at(target) > 1 || folders_.contains(target);
      });
    };
    std::map<size_t, int> turn;
    for (const size_t i : all) {
      turn[i] = !is_contested(names_[i]) ? 0 : of_one_stem_.contains(i) ? 2 : 1;
    }
    std::sort(all.begin(), all.end(), [&](size_t a, size_t b) {
      return std::pair(turn[a], documents_[a].file) < std::pair(turn[b], documents_[b].file);
    });
    for (const size_t i : all) names_[i] = Free(names_[i]);
  }

  Path Free(const Path& name) {
    Path candidate = name;
    for (int number = 2; !Take(candidate); ++number) {
      candidate = name;
      candidate += "~" + std::to_string(number);
    }
    return candidate;
  }

  bool Take(const Path& name) {
    const auto targets = TargetsOf(name);
    for (const std::string& target : targets) {
      if (taken_.contains(target) || folders_.contains(target)) return false;
    }
    taken_.insert(targets.begin(), targets.end());
    return true;
  }

  std::vector<std::string> TargetsOf(const Path& name) const {
    std::vector<std::string> targets;
    for (const std::string& ending : endings_) {
      targets.push_back(Folded(name.string() + "." + ending));
    }
    return targets;
  }

  const std::vector<DocumentPlace>& documents_;
  const std::vector<std::string>& endings_;
  std::vector<Path> names_;
  std::set<size_t> of_one_stem_;
  std::set<std::string> folders_;  // folded, like all that follow
  std::set<std::string> taken_;
};

}  // namespace

std::vector<Path> NameOutputs(const std::vector<DocumentPlace>& documents,
                              const std::vector<std::string>& endings) {
  return Namer(documents, endings).Name();
}

}  // namespace gnosis
