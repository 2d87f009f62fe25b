// The route handlers, by source file.
#pragma once

#include <memory>

#include "api/call.h"

namespace gnosis {

// submit.cc
std::unique_ptr<Exchange> StartSubmit(Call call);
// uploads.cc
std::unique_ptr<Exchange> StartUpload(Call call);
std::unique_ptr<Exchange> ContinueUpload(Call call);
Result<HttpResponse> ShowUpload(Call& call);
Result<HttpResponse> DeleteUpload(Call& call);
// job_view.cc
std::unique_ptr<Exchange> StartJobView(Call call);
// job_list.cc
Result<HttpResponse> ListJobs(Call& call);
// pages.cc
Result<HttpResponse> ListPages(Call& call);
Result<HttpResponse> ViewPage(Call& call);
// page_files.cc
Result<HttpResponse> PageAsText(Call& call);
Result<HttpResponse> PageAsJson(Call& call);
Result<HttpResponse> PageAsHocr(Call& call);
Result<HttpResponse> PageAsPng(Call& call);
Result<HttpResponse> PageAsJpeg(Call& call);
// results.cc
Result<HttpResponse> GetResult(Call& call);
// events.cc
Result<HttpResponse> StreamEvents(Call& call);
// actions.cc
std::unique_ptr<Exchange> StartRetry(Call call);
Result<HttpResponse> CancelJob(Call& call);
Result<HttpResponse> DeleteJob(Call& call);
// sign_in.cc
Result<HttpResponse> ShowSignIn(Call& call);
Result<HttpResponse> SignIn(Call& call);
Result<HttpResponse> SignOut(Call& call);
// server_info.cc
Result<HttpResponse> ShowIndex(Call& call);
Result<HttpResponse> ListLanguages(Call& call);
Result<HttpResponse> ListEngines(Call& call);
Result<HttpResponse> ListLimits(Call& call);
Result<HttpResponse> ShowMetrics(Call& call);
Result<HttpResponse> ShowOpenApi(Call& call);
// health.cc
Result<HttpResponse> CheckLive(Call& call);
Result<HttpResponse> CheckReady(Call& call);

}  // namespace gnosis
