package manage

import (
	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/fault"
)

// createSyncJob works out anew which places groups give. Identity providers say by SCIM what
// changes, and it counts at once: there is nothing to fetch, and the job has ended when it
// is answered.
func (a *API) createSyncJob(c *call) (any, error) {
	job := &account.SyncJob{ID: newUUID(), Account: a.account(c), At: c.now}
	if err := a.change(c, a.entry(c, "scim.sync", job.ID, nil), func(tx *directory.Tx) error { return tx.Sync(job, newUUID) }); err != nil {
		return nil, err
	}
	return accepted{data{newSyncJobRow(job)}}, nil
}

func (a *API) getSyncJob(c *call) (any, error) {
	job, ok := a.Directory.SyncJob(a.account(c), c.PathValue("id"))
	if !ok {
		return nil, fault.New(fault.NotFound, "No synchronisation job has this id, or it was long ago; start one with POST /scim/sync-jobs")
	}
	return data{newSyncJobRow(job)}, nil
}

// syncJobRow is a job as the API shows it.
type syncJobRow struct {
	ID       string  `json:"id"`
	Status   string  `json:"status"`
	Synced   int     `json:"synced_groups"`
	Deleted  int     `json:"deleted_groups"` // by the job: none ever
	Error    *string `json:"error_message"`
	Created  string  `json:"created_at"`
	Started  string  `json:"started_at"`
	Finished string  `json:"finished_at"`
}

func newSyncJobRow(j *account.SyncJob) syncJobRow {
	at := timestamp(j.At)
	return syncJobRow{ID: j.ID, Status: "succeeded", Synced: j.Groups, Created: at, Started: at, Finished: at}
}
