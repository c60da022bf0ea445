"""Record access: who may read and change which records.

    objects      how access to an object's records is decided: shares of its own, a parent's, everybody's
    defaults     organization-wide defaults
    principals   the users and groups that a user stands for
    conditions   the records that a user may read, edit, delete: SQL
    rights       what a request may write
    rules        sharing rules
    share_rows   which share rows there are
    upkeep       what changes them
    levels       how much a user may do, in the words of UserRecordAccess
    may_read     all of it once more, slowly, record by record: what the SQL is compared with
    standing     its users and groups

Source: Salesforce Help, "Factors That Affect Data Access"; Salesforce Architects, "Record Access: Under the Hood";
Object Reference, the pages of the share objects, Group, GroupMember, UserRole, UserRecordAccess.
"""
