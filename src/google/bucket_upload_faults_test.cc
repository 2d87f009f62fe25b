// A fault at every call to the bucket, of everything that happens to a document on its way through
// it: afterwards the same request once more ends in what was asked for, or the sweep in nothing.
#include <fstream>
#include <functional>

#include "google/bucket_uploads.h"
#include "support/faulty_store.h"
#include "support/memory_store.h"
#include "support/process_fixture.h"

namespace gnosis {
namespace {

constexpr FaultyStore::Fault kEveryFault[] = {
    FaultyStore::Fault::kIo, FaultyStore::Fault::kPermission, FaultyStore::Fault::kLostAnswer,
    FaultyStore::Fault::kDeathBefore, FaultyStore::Fault::kDeathAfter};
constexpr const char* kOwner = TestProcess::kUser;
const std::string kDocument = TestProcess::kDocument;

// A bucket whose calls fail as the other store's do. Its folders go object by object, as in Cloud
// Storage.
class FaultyBucket final : public CloudStorageStore {
 public:
  explicit FaultyBucket(FaultyStore& store) : store_(store) {}
  Result<Object> Read(const std::string& key) override { return store_.Read(key); }
  Result<ObjectInfo> Stat(const std::string& key) override { return store_.Stat(key); }
  Result<FileDescriptor> Open(const std::string& key) override { return store_.Open(key); }
  Result<Generation> Write(const std::string& key, std::string_view bytes,
                           IfGeneration if_generation) override {
    return store_.Write(key, bytes, if_generation);
  }
  Result<std::unique_ptr<ObjectWriter>> StartWrite(const std::string& key,
                                                   IfGeneration if_generation) override {
    return store_.StartWrite(key, if_generation);
  }
  Result<std::vector<std::string>> List(const std::string& prefix) override {
    return store_.List(prefix);
  }
  Result<std::vector<std::string>> ListFolders(const std::string& folder) override {
    return store_.ListFolders(folder);
  }
  Result<uint64_t> SizeOf(const std::string& folder) override { return store_.SizeOf(folder); }
  Status Delete(const std::string& key, IfGeneration if_generation) override {
    return store_.Delete(key, if_generation);
  }
  Status DeleteFolder(const std::string& folder) override {
    ASSIGN_OR_RETURN(const auto keys, store_.List(folder));
    for (const std::string& key : keys) RETURN_IF_ERROR(store_.Delete(key, kAnyGeneration));
    return Ok();
  }
  Result<std::string> StartResumableUpload(const DirectUpload& upload) override {
    const auto asked = store_.List("sessions/");
    return asked.ok() ? Result<std::string>("https://bucket/" + upload.key) : asked.error();
  }
  Result<ObjectDetails> Details(const std::string& key) override {
    ASSIGN_OR_RETURN(const ObjectInfo info, store_.Stat(key));
    return ObjectDetails{.size_bytes = info.size_bytes, .generation = info.generation};
  }
  CloudStorageCounts counts() const override { return {}; }

 private:
  FaultyStore& store_;
};

class BucketUploadFaults : public testing::Test {
 protected:
  BucketUploadFaults() { std::ofstream(models_.path() / "eng.traineddata") << "pretend"; }

  // One instance, and the fault that it meets.
  struct Instance {
    Instance(BucketUploadFaults& test, FaultyStore::Fault fault, int k)
        : faulty(test.store_, fault, k),
          bucket(faulty),
          uploads(
              NewBucketUploads(bucket, test.clock_, {.ttl = Seconds(3600), .max_per_owner = 3})),
          process(bucket, test.clock_, test.models_.path()) {}

    Result<PartialUpload> Create() {
      return uploads->Create({.owner = kOwner, .length_bytes = kDocument.size()});
    }
    // As the API does with {"upload_id": ...}.
    Result<Admitted> BecomeJob(const std::string& upload_id) {
      ASSIGN_OR_RETURN(const PartialUpload found, uploads->Find(kOwner, upload_id));
      if (found.job_id) {
        ASSIGN_OR_RETURN(SessionKey there, ParseSessionKey(UserHash(kOwner), *found.job_id));
        return Admitted{std::move(there), /*created=*/false};
      }
      EXPECT_EQ(found.offset_bytes, found.length_bytes);
      ASSIGN_OR_RETURN(const FileDescriptor file, uploads->Open(found));
      ASSIGN_OR_RETURN(const std::string bytes, ReadDescriptor(file, 1000));
      ASSIGN_OR_RETURN(Admitted admitted, process.Submit(upload_id, "open sesame", bytes));
      (void)uploads->Finish(found, admitted.session.session_id);
      return admitted;
    }
    // As the scheduler does, when everything has been silent for long enough.
    void RecoverAndSweep(HandClock& clock) {
      clock.now += Seconds(25 * 3600);
      EXPECT_TRUE(RecoverAll(process.actions, Leases::kRespect).ok());
      EXPECT_TRUE(Sweep(process.actions).ok());
      process.WorkUntilDone();
      EXPECT_TRUE(RecoverAll(process.actions, Leases::kRespect).ok());
    }

    FaultyStore faulty;
    FaultyBucket bucket;
    const std::unique_ptr<PartialUploads> uploads;
    TestProcess process;
  };

  // `life` in worlds of their own until the fault comes too late to strike.
  void ForEveryFault(int calls, const std::function<void(Instance&)>& before,
                     const std::function<void(Instance&)>& meet,
                     const std::function<void(Instance&)>& after) {
    for (const FaultyStore::Fault fault : kEveryFault) {
      int struck = 0;
      for (int k = 1;; ++k) {
        SCOPED_TRACE("fault " + std::to_string(int(fault)) + " at call " + std::to_string(k));
        (void)store_.DeleteFolder("");
        clock_ = HandClock();
        Instance well(*this, FaultyStore::Fault::kNone, 0);
        before(well);
        int calls_made = 0;
        {
          Instance faulty(*this, fault, k);
          meet(faulty);
          calls_made = faulty.faulty.calls();
          lived_ = !faulty.faulty.dead();
        }
        Instance next(*this, FaultyStore::Fault::kNone, 0);
        after(next);
        if (HasFailure()) return;
        if (calls_made < k) break;
        ++struck;
      }
      EXPECT_GE(struck, calls);
    }
  }
  // As a browser would, to the address that it was told.
  void Send(const PartialUpload& upload) {
    ASSERT_TRUE(store_.Write(UploadDataKey(upload.key), kDocument, kAbsent).ok());
  }
  std::vector<std::string> UploadFolders() {
    return *store_.ListFolders(UserUploadsFolder(UserHash(kOwner)));
  }

  TemporaryFolder models_;
  MemoryStore store_;
  HandClock clock_;
  bool lived_ = true;
};

TEST_F(BucketUploadFaults, OneThatIsCreatedIsThereAndOneThatIsNotCanBeCreatedAgain) {
  Result<PartialUpload> created = Error{};
  ForEveryFault(
      3, [](Instance&) {}, [&](Instance& instance) { created = instance.Create(); },
      [&](Instance& instance) {
        if (!created.ok()) created = instance.Create();
        ASSERT_TRUE(created.ok()) << created.error().message;
        EXPECT_FALSE(created->direct_url.empty());
        EXPECT_TRUE(instance.uploads->Find(kOwner, created->key.upload_id).ok());
        // Of the one whose answer was lost there is a record, and nothing else; it expires.
        EXPECT_LE(UploadFolders().size(), 2u);
        for (const std::string& folder : UploadFolders()) {
          EXPECT_EQ(store_.List(folder)->size(), 1u);
        }
      });
}

TEST_F(BucketUploadFaults, OneBecomesOneJobHoweverOftenItIsAskedFor) {
  PartialUpload upload;
  Result<Admitted> first = Error{};
  ForEveryFault(
      18,
      [&](Instance& instance) {
        upload = *instance.Create();
        Send(upload);
      },
      [&](Instance& instance) { first = instance.BecomeJob(upload.key.upload_id); },
      [&](Instance& instance) {
        const auto again = instance.BecomeJob(upload.key.upload_id);
        ASSERT_TRUE(again.ok()) << again.error().message;
        if (first.ok()) {
          EXPECT_EQ(again->session, first->session);
        }
        instance.RecoverAndSweep(clock_);
        ExpectAtRest(store_);
        EXPECT_EQ(SessionsIn(store_), std::vector{again->session});
        EXPECT_TRUE(instance.process.IsCompleted(again->session));
        EXPECT_EQ(instance.uploads->Find(kOwner, upload.key.upload_id)->job_id,
                  again->session.session_id);
        EXPECT_FALSE(store_.Stat(UploadDataKey(upload.key)).ok()) << "its bytes are kept";
      });
}

TEST_F(BucketUploadFaults, OneThatNobodyAsksForAgainIsAJobOrWaits) {
  PartialUpload upload;
  Result<Admitted> first = Error{};
  ForEveryFault(
      18,
      [&](Instance& instance) {
        upload = *instance.Create();
        Send(upload);
      },
      [&](Instance& instance) { first = instance.BecomeJob(upload.key.upload_id); },
      [&](Instance& instance) {
        instance.RecoverAndSweep(clock_);
        ExpectAtRest(store_);
        const auto sessions = SessionsIn(store_);
        if (first.ok()) {
          EXPECT_EQ(sessions, std::vector{first->session});
        }
        for (const SessionKey& session : sessions) {
          EXPECT_TRUE(instance.process.IsCompleted(session));
        }
      });
}

TEST_F(BucketUploadFaults, OneIsRemovedWithAllItsBytes) {
  PartialUpload upload;
  Status removed;
  ForEveryFault(
      3,
      [&](Instance& instance) {
        upload = *instance.Create();
        Send(upload);
      },
      [&](Instance& instance) { removed = instance.uploads->Remove(upload); },
      [&](Instance& instance) {
        const auto found = instance.uploads->Find(kOwner, upload.key.upload_id);
        EXPECT_FALSE(found.ok() && lived_ && removed.ok());
        // If it still exists the request can be repeated; no other bytes are left.
        if (found.ok()) {
          EXPECT_TRUE(instance.uploads->Remove(*found).ok());
        }
        EXPECT_TRUE(store_.List(UploadFolder(upload.key))->empty());
      });
}

TEST_F(BucketUploadFaults, OneThatHasExpiredLosesItsBytesWhenItIsNextLookedFor) {
  PartialUpload upload;
  ForEveryFault(
      2,
      [&](Instance& instance) {
        upload = *instance.Create();
        Send(upload);
        clock_.now += Seconds(3601);
      },
      [&](Instance& instance) {
        EXPECT_FALSE(instance.uploads->Find(kOwner, upload.key.upload_id).ok());
      },
      [&](Instance& instance) {
        EXPECT_EQ(instance.uploads->Find(kOwner, upload.key.upload_id).code(), ErrorCode::kGone);
        EXPECT_FALSE(store_.Stat(UploadDataKey(upload.key)).ok());
      });
}

TEST_F(BucketUploadFaults, ASweepOfWhatBecameOfThemIsFinishedByTheNext) {
  SessionKey half;
  ForEveryFault(
      12,
      [&](Instance& instance) {
        const PartialUpload upload = *instance.Create();
        Send(upload);
        ASSERT_TRUE(instance.BecomeJob(upload.key.upload_id).ok());
        instance.process.WorkUntilDone();
        // One that was cut off while it became a job.
        half = {UserHash(kOwner), "00000000-0000-4000-8000-00000000000b"};
        ASSERT_TRUE(WriteMarker(store_, half, kOwner, clock_.now).ok());
        ASSERT_TRUE(store_.Write(OriginalKey(half, "pdf"), "half", kAbsent).ok());
        ASSERT_TRUE(WritePassword(store_, half, "open sesame").ok());
        clock_.now += Seconds(30 * 24 * 3600);
      },
      [&](Instance& instance) {
        (void)RecoverAll(instance.process.actions, Leases::kRespect);
        (void)Sweep(instance.process.actions);
      },
      [&](Instance& instance) {
        instance.RecoverAndSweep(clock_);
        ExpectAtRest(store_);
        EXPECT_TRUE(SessionsIn(store_).empty());
      });
}

}  // namespace
}  // namespace gnosis
